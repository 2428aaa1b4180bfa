//! What is decided about a return (退单审定): by the desk, from the second time by the county's.

use contracts::dispatch::{ReturnRejected, ReturnUpheld};

use super::{Decided, Order, Rejection, Returns, Status, one, routed};

pub(super) fn decide(order: &Order, command: Returns) -> Decided {
    use Rejection as R;
    use Returns as C;
    use Status as S;

    let (work_order, number) = (order.id.clone(), order.returns());
    match (order.status, command) {
        (S::Returned, C::UpholdReturn(by, ..) | C::RejectReturn(by, _))
            if order.needs_county(&by.caller) =>
        {
            Err(R::NeedsCounty)
        }
        (S::Returned, C::UpholdReturn(_, routing, _)) if routing.assignee == order.assignee => {
            Err(R::ReturnedByAssignee)
        }
        (S::Returned, C::UpholdReturn(by, routing, explanation)) => {
            let (occurred_at, person) = (by.at, by.caller.person);
            let upheld = ReturnUpheld { occurred_at, work_order, by: person, number, explanation };
            Ok(vec![upheld.into(), routed(order, by.at, routing).into()])
        }
        (S::Returned, C::RejectReturn(by, explanation)) => one(ReturnRejected {
            occurred_at: by.at,
            work_order,
            by: by.caller.person,
            number,
            acceptor: order.accepted_before.clone(),
            explanation,
        }),
        (S::Routed | S::Accepted | S::Arrived, C::UpholdReturn(..) | C::RejectReturn(..)) => {
            Err(R::NotReturned)
        }
        (
            S::Handled | S::Verified | S::Closed | S::Suspended | S::Split | S::Withdrawn,
            C::UpholdReturn(..) | C::RejectReturn(..),
        ) => Err(order.status.refuses()),
    }
}
