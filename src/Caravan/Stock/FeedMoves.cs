using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>
/// What we have done to an owner's cells since a document's as-of time, kept up from slice to slice: each reads only what is new.
/// A line of the ledger may appear some time after its id was made, so the last moments are read again and each line is counted once.
/// </summary>
internal sealed class FeedMoves(PartnerId owner, DateTimeOffset asOf)
{
    // One writer on SQLite, several servers with clocks of their own on PostgreSQL.
    private static readonly TimeSpan SqliteOverlap = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PostgresOverlap = TimeSpan.FromSeconds(15);
    private readonly Dictionary<StockKey, MovedSince> moved = [];
    private HashSet<MovementId> lately = [];
    private DateTimeOffset? readAt;

    /// <summary>What was done until now. It may be read in a transaction that is done again.</summary>
    public async Task<IReadOnlyDictionary<StockKey, MovedSince>> UntilAsync(Tx tx)
    {
        var overlap = tx.IsPostgres ? PostgresOverlap : SqliteOverlap;
        if (readAt is not { } last || tx.Now < last - overlap)
        {
            // The first time, or the clock was set back: from the beginning, closed days included.
            moved.Clear();
            foreach (var (key, since) in await FeedCellStore.MovedSinceAsync(tx, owner, asOf))
                moved.Add(key, since);
            lately = [.. (await FeedCellStore.MovesFromAsync(tx, owner, asOf, LedgerPeriods.FirstIdAt(tx.Now - (2 * overlap)))).Select(move => move.Id)];
            readAt = tx.Now;
            return moved;
        }

        var moves = await FeedCellStore.MovesFromAsync(tx, owner, asOf, LedgerPeriods.FirstIdAt(last - overlap));
        foreach (var (id, key, since) in moves)
        {
            if (!lately.Add(id))
                continue;

            var before = moved.GetValueOrDefault(key);
            moved[key] = new MovedSince(before.OnHand + since.OnHand, before.Available + since.Available);
        }

        lately = [.. moves.Select(move => move.Id)];
        readAt = tx.Now > last ? tx.Now : last;
        return moved;
    }
}
