//! The form of a campaign: its questions as they are typed, sealed and shown, and whether answers fit it.

use api::dispatch::v1::{FormAnswer, FormQuestion};
use contracts::dispatch::campaign::{CampaignAnswer, CampaignQuestion, QuestionKind};
use kernel::id::{CategoryCode, RecordId};
use platform::grpc::Violations;
use serde::{Deserialize, Serialize};

const QUESTION_CHARS: usize = 500;
const CHOICE_CHARS: usize = 100;
const ANSWER_CHARS: usize = 2_000;
const MAX_QUESTIONS: usize = 50;
const MAX_CHOICES: usize = 20;

/// The words of a question, as they are sealed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Words {
    /// The question.
    pub(super) text: String,
    /// The choices.
    pub(super) choices: Vec<String>,
}

/// Checks a form; its questions and their words.
pub(super) fn questions(
    v: &mut Violations,
    form: &[FormQuestion],
) -> Vec<(CampaignQuestion, Words)> {
    if form.is_empty() || form.len() > MAX_QUESTIONS {
        v.push("questions", "a form has 1 to 50 questions: mend it", "表单须有1至50个问题");
        return Vec::new();
    }
    let checked = (1..).zip(form).filter_map(|(number, asked)| question(v, number, asked));
    checked.collect()
}

fn question(
    v: &mut Violations,
    number: u32,
    asked: &FormQuestion,
) -> Option<(CampaignQuestion, Words)> {
    let field = |name: &str| format!("questions[{}].{name}", number - 1);
    let kind = api::word::<QuestionKind>(asked.kind().as_str_name(), "QUESTION_KIND_");
    let kind = v.required(&field("kind"), kind);
    let text = v.required_text(&field("text"), &asked.text, QUESTION_CHARS);
    let finding =
        v.parse_optional::<CategoryCode>(&field("finding_category"), &asked.finding_category);
    let choices: Option<Vec<String>> = asked
        .choices
        .iter()
        .map(|choice| v.required_text(&field("choices"), choice, CHOICE_CHARS))
        .collect();
    let fits = match kind {
        Some(QuestionKind::Choice) => (2..=MAX_CHOICES).contains(&asked.choices.len()),
        Some(QuestionKind::YesNo | QuestionKind::Number | QuestionKind::Text) | None => {
            asked.choices.is_empty()
        }
    };
    if !fits {
        v.push(
            &field("choices"),
            "a choice has 2 to 20 choices, other questions have none: mend it",
            "选择题须有2至20个选项，其他题不得有选项",
        );
    }
    if finding.is_some() && kind.is_some_and(|kind| kind != QuestionKind::YesNo) {
        v.push(
            &field("finding_category"),
            "only a yes becomes a case: leave it out here",
            "只有是非题可以转为事项",
        );
    }
    let question = CampaignQuestion {
        number,
        kind: kind?,
        choices: u32::try_from(asked.choices.len()).unwrap_or_default(),
        required: asked.required,
        finding,
    };
    Some((question, Words { text: text?, choices: choices? }))
}

/// A form as it is shown.
pub(super) fn shown(questions: &[CampaignQuestion], words: Vec<Words>) -> Vec<FormQuestion> {
    let words = words.into_iter().chain(std::iter::repeat(Words::default()));
    questions
        .iter()
        .zip(words)
        .map(|(question, words)| {
            let name = api::name(&question.kind, "QUESTION_KIND_");
            let kind = api::dispatch::v1::QuestionKind::from_str_name(&name).unwrap_or_default();
            FormQuestion {
                kind: kind.into(),
                text: words.text,
                choices: words.choices,
                required: question.required,
                finding_category: question
                    .finding
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            }
        })
        .collect()
}

/// Checks answers against their form; each with what was typed, which is yet to be sealed.
pub(super) fn answers(
    v: &mut Violations,
    questions: &[CampaignQuestion],
    given: &[FormAnswer],
) -> Vec<(CampaignAnswer, String)> {
    let mut answers: Vec<(CampaignAnswer, String)> = Vec::with_capacity(given.len());
    for (place, answer) in given.iter().enumerate() {
        let field = format!("answers[{place}]");
        let twice = answers.iter().any(|(before, _)| before.question == answer.question);
        let question = questions.iter().find(|asked| asked.number == answer.question);
        let Some(question) = question.filter(|_| !twice) else {
            v.push(&field, "answer each question of the form once", "每个问题只回答一次");
            continue;
        };
        let text = v.text(&format!("{field}.text"), &answer.text, ANSWER_CHARS);
        if !fits(question, answer) {
            v.push(&field, "this does not fit the question: see its kind", "答案与题型不符");
        }
        let answer = CampaignAnswer {
            question: answer.question,
            yes: answer.yes,
            number: answer.number,
            choice: (answer.choice > 0).then_some(answer.choice),
            text: None,
        };
        answers.push((answer, text.unwrap_or_default()));
    }
    let open = questions.iter().filter(|question| {
        question.required && !given.iter().any(|answer| answer.question == question.number)
    });
    for question in open {
        let field = format!("question {}", question.number);
        v.push(&field, "this question must be answered", "此题必答");
    }
    answers
}

/// Whether an answer has what its question asks for, and nothing else. Of a "yes" that becomes a case
/// what was found may be written.
fn fits(question: &CampaignQuestion, answer: &FormAnswer) -> bool {
    let (yes, number) = (answer.yes.is_some(), answer.number.is_some());
    let (choice, text) = (answer.choice > 0, !answer.text.trim().is_empty());
    match question.kind {
        QuestionKind::YesNo => yes && !number && !choice && (!text || question.finding.is_some()),
        QuestionKind::Number => number && !yes && !choice && !text,
        QuestionKind::Choice => {
            choice && answer.choice <= question.choices && !yes && !number && !text
        }
        QuestionKind::Text => text && !yes && !number && !choice,
    }
}

/// The answer with the record of what was typed.
pub(super) fn sealed(mut answer: CampaignAnswer, text: Option<RecordId>) -> CampaignAnswer {
    answer.text = text;
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(kind: QuestionKind) -> CampaignQuestion {
        let choices = if kind == QuestionKind::Choice { 3 } else { 0 };
        CampaignQuestion { number: 1, kind, choices, required: true, finding: None }
    }

    fn given() -> FormAnswer {
        FormAnswer { question: 1, ..FormAnswer::default() }
    }

    fn wrong(question: &CampaignQuestion, answers_given: &[FormAnswer]) -> bool {
        let mut v = Violations::new();
        answers(&mut v, std::slice::from_ref(question), answers_given);
        v.finish().is_err()
    }

    #[test]
    fn an_answer_has_what_its_question_asks_for() {
        let yes = FormAnswer { yes: Some(false), ..given() };
        let number = FormAnswer { number: Some(0), ..given() };
        let choice = FormAnswer { choice: 3, ..given() };
        let text = FormAnswer { text: "无".to_owned(), ..given() };
        let all = [&yes, &number, &choice, &text];
        let kinds = QuestionKind::ALL;
        for (place, kind) in kinds.iter().enumerate() {
            for (other, answer) in all.iter().enumerate() {
                let refused = wrong(&asked(*kind), &[(*answer).clone()]);
                assert_eq!(refused, place != other, "{kind}: {answer:?}");
            }
        }
        let beyond = FormAnswer { choice: 4, ..given() };
        assert!(wrong(&asked(QuestionKind::Choice), &[beyond]));
        assert!(wrong(&asked(QuestionKind::YesNo), &[]), "it must be answered");
        assert!(wrong(&asked(QuestionKind::YesNo), &[yes.clone(), yes.clone()]), "twice");
        let found = FormAnswer { text: "充电桩漏电".to_owned(), ..yes };
        assert!(wrong(&asked(QuestionKind::YesNo), std::slice::from_ref(&found)));
        let finding = Some("0601".parse().unwrap());
        let question = CampaignQuestion { finding, ..asked(QuestionKind::YesNo) };
        assert!(!wrong(&question, &[found]));
    }

    #[test]
    fn a_form_is_checked_whole() {
        let one = |kind: i32, choices: &[&str]| FormQuestion {
            kind,
            text: "有无充电桩？".to_owned(),
            choices: choices.iter().map(ToString::to_string).collect(),
            ..FormQuestion::default()
        };
        let refused = |form: &[FormQuestion]| {
            let mut v = Violations::new();
            questions(&mut v, form);
            v.finish().is_err()
        };
        assert!(!refused(&[one(1, &[]), one(3, &["甲", "乙"])]));
        let finding = |kind| FormQuestion { finding_category: "0601".to_owned(), ..one(kind, &[]) };
        assert!(!refused(&[finding(1)]));
        let too_many = vec![one(1, &[]); 51];
        for form in [
            &[][..],
            &[one(0, &[])],
            &[one(3, &["甲"])],
            &[one(1, &["甲", "乙"])],
            &[finding(2)],
            &too_many,
        ] {
            assert!(refused(form), "{form:?}");
        }
    }
}
