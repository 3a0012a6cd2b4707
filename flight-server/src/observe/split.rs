//! Where the time of a query went.

use std::time::Duration;

use intarsia_engine::Scan;

use super::Finished;

/// A query's time in parts. Reads of nodes and our own work overlap: what the slowest read waited is the nodes' part, and
/// what is left of the run after that and after sending is ours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Split {
    /// To plan, descriptions asked of nodes included.
    pub(super) plan: Duration,
    /// To wait for the slowest read of a node.
    pub(super) wait: Duration,
    /// To work here.
    pub(super) local: Duration,
    /// To wait for the client to take what was ready.
    pub(super) send: Duration,
}

impl Split {
    pub(super) fn of(plan: Duration, finished: &Finished, scans: &[Scan]) -> Split {
        let run = finished.ran.saturating_sub(finished.sending);
        let wait = scans.iter().map(|scan| scan.wait).max().unwrap_or_default().min(run);
        Split { plan, wait, local: run - wait, send: finished.sending }
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn the_parts_of_a_run_add_up() {
        let ms = Duration::from_millis;
        let scan = |wait| Scan {
            node: "eu".to_owned(),
            fragment: "t".to_owned(),
            sql: String::new(),
            rows: 0,
            bytes: 0,
            wait,
        };
        let finished =
            Finished { code: Code::Ok, rows: 0, bytes: 0, ran: ms(100), sending: ms(30) };
        let split = |waits: &[u64]| {
            let scans: Vec<_> = waits.iter().map(|wait| scan(ms(*wait))).collect();
            Split::of(ms(5), &finished, &scans)
        };
        let parts =
            |wait, local| Split { plan: ms(5), wait: ms(wait), local: ms(local), send: ms(30) };
        assert_eq!(split(&[40, 50]), parts(50, 20));
        assert_eq!(split(&[]), parts(0, 70));
        assert_eq!(split(&[90]), parts(70, 0), "a read that waited while rows were sent");
    }
}
