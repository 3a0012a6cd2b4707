//! Memory for joins, sorts and aggregates: one amount for the process, of which each query has at most its own.

use std::{fmt, sync::Arc};

use datafusion::{
    common::Result,
    execution::memory_pool::{
        FairSpillPool, GreedyMemoryPool, MemoryConsumer, MemoryLimit, MemoryPool,
        MemoryReservation, TrackConsumersPool,
    },
};

/// How many of the largest consumers an error names.
const NAMED_CONSUMERS: std::num::NonZeroUsize = std::num::NonZeroUsize::new(3).expect("not zero");

/// The process's memory for queries. Cheap to clone: the clones share it.
#[derive(Debug, Clone)]
pub struct Memory {
    pool: Arc<dyn MemoryPool>,
}

impl Memory {
    /// At most `bytes` in all.
    pub fn new(bytes: usize) -> Memory {
        Memory { pool: Arc::new(GreedyMemoryPool::new(bytes)) }
    }

    /// At most `bytes` of it for one query, shared fairly among what can spill.
    pub(super) fn query(&self, bytes: usize) -> Arc<dyn MemoryPool> {
        let own = TrackConsumersPool::new(FairSpillPool::new(bytes), NAMED_CONSUMERS);
        Arc::new(QueryPool { process: Arc::clone(&self.pool), own })
    }
}

/// A query's share. What it takes is taken from the process too.
#[derive(Debug)]
struct QueryPool {
    process: Arc<dyn MemoryPool>,
    own: TrackConsumersPool<FairSpillPool>,
}

impl fmt::Display for QueryPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "query of {}", self.own)
    }
}

impl MemoryPool for QueryPool {
    fn name(&self) -> &'static str {
        "query"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.own.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.own.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.own.grow(reservation, additional);
        self.process.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.own.shrink(reservation, shrink);
        self.process.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        self.own.try_grow(reservation, additional)?;
        self.process
            .try_grow(reservation, additional)
            .inspect_err(|_| self.own.shrink(reservation, additional))
    }

    fn reserved(&self) -> usize {
        self.own.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.own.memory_limit()
    }
}
