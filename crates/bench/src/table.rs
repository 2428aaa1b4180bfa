//! Tables of figures, as they go to docs/benchmarks.md.

use std::io::Write as _;

/// A table of one measurement, with what it must show.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    /// What was asked, and whether it came out.
    pub(crate) demands: Vec<(String, bool)>,
}

impl Table {
    pub(crate) fn new(title: &str, columns: &[&str]) -> Self {
        Self {
            title: title.to_owned(),
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            rows: Vec::new(),
            demands: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, cells: &[String]) {
        say(&format!("  {}", cells.join("  ")));
        self.rows.push(cells.to_vec());
    }

    pub(crate) fn demand(&mut self, what: &str, met: bool) {
        self.demands.push((what.to_owned(), met));
    }

    pub(crate) fn holds(&self) -> bool {
        self.demands.iter().all(|(_, met)| *met)
    }
}

/// A line for the one who watches.
pub(crate) fn say(line: &str) {
    // Whoever has closed the stream wants no more.
    let _closed = writeln!(std::io::stderr().lock(), "{line}");
}

/// A table as Markdown on standard output.
pub(crate) fn print(table: &Table) {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rows: String = table.rows.iter().map(|row| line(row)).collect();
    let demand = |(what, met): &(String, bool)| {
        format!("\n* {what}: {}", if *met { "met" } else { "NOT MET" })
    };
    let demands: Vec<String> = table.demands.iter().map(demand).collect();
    let text = format!(
        "## {}\n\n{}|{}\n{rows}{}",
        table.title,
        line(&table.columns),
        "---|".repeat(table.columns.len()),
        demands.concat(),
    );
    let _closed = writeln!(std::io::stdout().lock(), "{text}\n");
}

/// So many percent are as quick as this, or quicker.
pub(crate) fn percentile(took: &mut [f64], percent: usize) -> f64 {
    took.sort_by(f64::total_cmp);
    let place = (took.len() * percent / 100).min(took.len().saturating_sub(1));
    took.get(place).copied().unwrap_or(f64::NAN)
}
