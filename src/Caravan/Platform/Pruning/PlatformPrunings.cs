using Caravan.Platform.Idempotency;
using Caravan.Platform.Storage;

namespace Caravan.Platform.Pruning;

/// <summary>What of the platform's own rows has its time: answers kept for repeated requests, events that everybody has had, sessions that have ended.</summary>
internal static class PlatformPrunings
{
    public static IEnumerable<Pruning> Of(Settings settings)
    {
        yield return new Pruning("answers kept for repeated requests", IsOfEachTenant: true, KeysAsync);
        yield return new Pruning("sessions that have ended", IsOfEachTenant: false, SessionsAsync);
        yield return new Pruning("events that everybody has had", IsOfEachTenant: false, (tx, _, most) => EventsAsync(tx, TimeSpan.FromDays(settings.KeepEventsDays), most));
    }

    private static Task<int> KeysAsync(Tx tx, PartnerId tenant, int most) => tx.ExecuteAsync(
        "DELETE FROM idempotency_keys WHERE tenant = @tenant AND key IN (SELECT k.key FROM idempotency_keys AS k WHERE k.tenant = @tenant AND k.at <= @old ORDER BY k.at LIMIT @most)",
        new { tenant, old = tx.Now - IdempotentWrites.Kept, most });

    private static Task<int> SessionsAsync(Tx tx, PartnerId nobody, int most) => tx.ExecuteAsync(
        "DELETE FROM sessions WHERE hash IN (SELECT s.hash FROM sessions AS s WHERE s.expires_at <= @Now LIMIT @most)",
        new { tx.Now, most });

    // Only what stands before every subscriber's place, in the order in which events are followed. The oldest by sequence are
    // looked at, so that a step costs the same however long the outbox is.
    private static Task<int> EventsAsync(Tx tx, TimeSpan kept, int most)
    {
        var taken = tx.IsPostgres
            ? "AND NOT EXISTS (SELECT 1 FROM outbox_cursors AS c JOIN outbox AS p ON p.sequence = c.sequence WHERE (outbox.txid, outbox.sequence) >= (p.txid, p.sequence))"
            : "";
        return tx.ExecuteAsync(
            $"""
            DELETE FROM outbox WHERE sequence IN (
                SELECT o.sequence FROM outbox AS o WHERE o.sequence < COALESCE((SELECT MIN(c.sequence) FROM outbox_cursors AS c), 0) ORDER BY o.sequence LIMIT @most)
            AND at < @old {taken}
            """,
            new { old = tx.Now - kept, most });
    }
}
