//! The faults, and what clients may notice of each.

use clap::ValueEnum;

/// A store that servers reach through a proxy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Store {
    /// PostgreSQL.
    Postgres,
    /// Redis.
    Redis,
}

/// Something that goes wrong, or that operators do, while people bid.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, ValueEnum)]
pub enum Fault {
    /// A server is killed, and started again.
    ServerKilled,
    /// A server stands still (SIGSTOP), and goes on.
    ServerFrozen,
    /// Every server in turn gets SIGTERM, and a new one takes its place.
    Deploy,
    /// A server is replaced by one whose machine's clock is ten minutes wrong.
    ClockWrong,
    /// The server that settles is killed inside its transaction.
    SettlerKilled,
    /// The server that settles stands still inside its transaction.
    SettlerFrozen,
    /// While the campaign ends, its standing bids are locked: bids wait inside the statements that write them.
    BidsLocked,
    /// PostgreSQL is killed, and started again.
    PostgresKilled,
    /// PostgreSQL stands still.
    PostgresFrozen,
    /// PostgreSQL ends all sessions of the servers, several times.
    SessionsEnded,
    /// PostgreSQL ends sessions in the middle of a commit: it is durable, but the server does not learn so.
    CommitsInterrupted,
    /// The disk of PostgreSQL is full. Needs the right to mount a file system.
    DiskFull,
    /// Redis is killed, and started again without data.
    RedisKilled,
    /// Redis stands still, and goes on with its old memory.
    RedisFrozen,
    /// Redis loses all data.
    RedisEmptied,
    /// Rankings in Redis get foreign members and lose some of their own.
    RedisTampered,
    /// Redis loses its last seconds.
    RedisRolledBack,
    /// Packets between a server and PostgreSQL are late.
    PostgresSlow,
    /// Connections to PostgreSQL are reset.
    PostgresReset,
    /// PostgreSQL hears a server, but its answers do not come through.
    PostgresHalfOpen,
    /// Nothing comes through between a server and PostgreSQL.
    PostgresBlackHoled,
    /// A server's connections to PostgreSQL are dead without a word; new ones work.
    PostgresVanished,
    /// Packets between a server and Redis are late.
    RedisSlow,
    /// Connections to Redis are reset.
    RedisReset,
    /// Redis hears a server, but its answers do not come through.
    RedisHalfOpen,
    /// Nothing comes through between a server and Redis.
    RedisBlackHoled,
    /// A server's connections to Redis are dead without a word; new ones work.
    RedisVanished,
    /// Websockets and requests whose clients never read what they are sent.
    NeverReading,
    /// A crowd bids at once, more than the queue may hold.
    Crowd,
    /// The running campaign is extended, and the product edited.
    Edited,
    /// An admin declares bids void, and makes some of them valid again.
    BidsVoided,
    /// `gavel migrate` runs, and a migration of the next version changes the busiest tables.
    Migrated,
}

impl Fault {
    /// Whether bids may be answered with 503, or not at all, while it lasts. Everything that only concerns Redis, and
    /// everything that operators do every day, must go unnoticed.
    pub fn may_refuse_bids(self) -> bool {
        match self {
            Self::ServerKilled
            | Self::ServerFrozen
            | Self::SettlerKilled
            | Self::SettlerFrozen
            | Self::BidsLocked
            | Self::PostgresKilled
            | Self::PostgresFrozen
            | Self::SessionsEnded
            | Self::CommitsInterrupted
            | Self::DiskFull
            | Self::PostgresSlow
            | Self::PostgresReset
            | Self::PostgresHalfOpen
            | Self::PostgresBlackHoled
            | Self::PostgresVanished
            | Self::Crowd => true,
            Self::Deploy
            | Self::ClockWrong
            | Self::RedisKilled
            | Self::RedisFrozen
            | Self::RedisEmptied
            | Self::RedisTampered
            | Self::RedisRolledBack
            | Self::RedisSlow
            | Self::RedisReset
            | Self::RedisHalfOpen
            | Self::RedisBlackHoled
            | Self::RedisVanished
            | Self::NeverReading
            | Self::Edited
            | Self::BidsVoided
            | Self::Migrated => false,
        }
    }

    /// Whether it strikes the servers' processes, of which only one such fault may at a time, or the store, or
    /// neither.
    pub fn strikes(self) -> Option<Struck> {
        match self {
            Self::ServerKilled
            | Self::ServerFrozen
            | Self::Deploy
            | Self::ClockWrong
            | Self::SettlerKilled
            | Self::SettlerFrozen => Some(Struck::Servers),
            Self::PostgresKilled
            | Self::PostgresFrozen
            | Self::SessionsEnded
            | Self::CommitsInterrupted
            | Self::DiskFull
            | Self::Migrated => Some(Struck::Postgres),
            Self::RedisKilled
            | Self::RedisFrozen
            | Self::RedisEmptied
            | Self::RedisTampered
            | Self::RedisRolledBack => Some(Struck::Redis),
            Self::PostgresSlow
            | Self::PostgresReset
            | Self::PostgresHalfOpen
            | Self::PostgresBlackHoled
            | Self::PostgresVanished => Some(Struck::Network(Store::Postgres)),
            Self::RedisSlow | Self::RedisReset | Self::RedisHalfOpen | Self::RedisBlackHoled | Self::RedisVanished => {
                Some(Struck::Network(Store::Redis))
            }
            Self::BidsLocked | Self::NeverReading | Self::Crowd | Self::Edited | Self::BidsVoided => None,
        }
    }

    /// Its name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// What a fault strikes. Two faults that strike the same thing must not overlap: one would undo the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Struck {
    /// The servers' processes.
    Servers,
    /// PostgreSQL itself.
    Postgres,
    /// Redis itself.
    Redis,
    /// The network between the servers and a store.
    Network(Store),
}
