using Caravan.Platform.Storage;

namespace Caravan.Returns;

/// <summary>
/// Holds what stock cells hold beyond their lots against the returns that will let it out: each unit of no lot that came back and is not
/// sold again or gone. And each line's refund against its judgements.
/// </summary>
internal static class ReturnAudit
{
    public static async Task<IReadOnlyList<string>> RunAsync(Db db)
    {
        List<string> differences = [];
        foreach (var row in await db.QueryAsync<HeldRow>(
            """
            SELECT tenant, item, location, SUM(held) AS is_now, SUM(waiting) AS should_be
            FROM (
                SELECT tenant, item, location, held, 0 AS waiting FROM stock_cells
                UNION ALL SELECT tenant, item, location, -held, 0 FROM stock_lots
                UNION ALL SELECT l.owner, l.item, r.location, 0, p.received - p.restocked - p.written_off - p.given_back
                    FROM return_parts p JOIN return_lines l ON l.tenant = p.tenant AND l.return_id = p.return_id AND l.line = p.line
                    JOIN returns r ON r.tenant = p.tenant AND r.id = p.return_id WHERE p.lot = '') both_books
            GROUP BY tenant, item, location HAVING SUM(held) <> SUM(waiting)
            """))
        {
            differences.Add($"{row.Tenant} {row.Item} at {row.Location}: {row.IsNow} are held without a lot, and {row.ShouldBe} wait in returns.");
        }

        foreach (var row in await db.QueryAsync<RefundRow>(
            """
            SELECT l.return_id, l.line, l.refund_amount AS is_now, CAST(COALESCE(SUM(g.refund_amount), 0) AS BIGINT) AS should_be
            FROM return_lines l JOIN returns r ON r.tenant = l.tenant AND r.id = l.return_id
            LEFT JOIN return_grades g ON g.tenant = l.tenant AND g.return_id = l.return_id AND g.line = l.line
            WHERE r.kind = 'Customer'
            GROUP BY l.tenant, l.return_id, l.line, l.refund_amount HAVING l.refund_amount <> COALESCE(SUM(g.refund_amount), 0)
            """))
        {
            differences.Add($"{row.ReturnId} line {row.Line}: the refund is {row.IsNow} and should be {row.ShouldBe}.");
        }

        return differences;
    }

    private sealed record HeldRow
    {
        public PartnerId Tenant { get; init; }
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public long IsNow { get; init; }
        public long ShouldBe { get; init; }
    }

    private sealed record RefundRow
    {
        public ReturnId ReturnId { get; init; }
        public int Line { get; init; }
        public long IsNow { get; init; }
        public long ShouldBe { get; init; }
    }
}
