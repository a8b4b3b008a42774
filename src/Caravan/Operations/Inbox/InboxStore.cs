using Caravan.Platform.Storage;

namespace Caravan.Operations.Inbox;

internal static class InboxStore
{
    private const string Columns = "tenant, id, kind, subject, what, detail, units, amount, currency, opened_at, due_at, taken_by, taken_at, solved_by, solved_at, ended_at";

    /// <summary>Those whose cause lasts, solved or not.</summary>
    public static async Task<List<InboxEntry>> LastingAsync(Db db, PartnerId company) =>
        (await db.QueryAsync<Row>($"SELECT {Columns} FROM supply_exceptions WHERE tenant = @company AND ended_at IS NULL", new { company })).ConvertAll(row => row.ToEntry());

    /// <summary>How many wait, and how many of them are past their time.</summary>
    public static async Task<(int Open, int Overdue)> CountAsync(Db db, PartnerId company, DateTimeOffset now) =>
        await db.FirstAsync<Counted>(
            "SELECT COUNT(*) AS open, COALESCE(SUM(CASE WHEN due_at < @now THEN 1 ELSE 0 END), 0) AS overdue FROM supply_exceptions WHERE tenant = @company AND ended_at IS NULL AND solved_at IS NULL", new { company, now }) is { } counted
            ? (counted.Open, counted.Overdue)
            : default;

    /// <summary>Those solved since an instant, newest first.</summary>
    public static async Task<List<InboxEntry>> SolvedAsync(Db db, PartnerId company, DateTimeOffset since, DateTimeOffset? before, int count) => (await db.QueryAsync<Row>(
        $"SELECT {Columns} FROM supply_exceptions WHERE tenant = @company AND solved_at >= @since {(before is null ? "" : "AND solved_at < @before")} ORDER BY solved_at DESC LIMIT @count", new { company, since, before, count })).ConvertAll(row => row.ToEntry());

    /// <summary>How long each solved since an instant took, shortest first.</summary>
    public static async Task<List<double>> TimesAsync(Db db, PartnerId company, DateTimeOffset since, int count) =>
        [.. (await db.QueryAsync<Span>("SELECT opened_at, solved_at FROM supply_exceptions WHERE tenant = @company AND solved_at >= @since ORDER BY solved_at DESC LIMIT @count", new { company, since, count }))
            .Select(one => (one.SolvedAt - one.OpenedAt).TotalSeconds).Order()];

    public static async Task<InboxEntry?> FindAsync(Db db, PartnerId company, ExceptionId id) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM supply_exceptions WHERE tenant = @company AND id = @id", new { company, id }))?.ToEntry();

    public static Task InsertAsync(Tx tx, PartnerId company, IReadOnlyList<Finding> findings) => EachAsync(findings, finding => tx.ExecuteAsync(
        """
        INSERT INTO supply_exceptions (tenant, id, kind, subject, what, detail, units, amount, currency, opened_at, due_at)
        VALUES (@company, @id, @kind, @Subject, @What, @Detail, @Units, @amount, @currency, @Since, @DueAt)
        ON CONFLICT (tenant, kind, subject) WHERE ended_at IS NULL DO NOTHING
        """,
        new { company, id = ExceptionId.New(tx.Now), kind = finding.Kind.ToString(), finding.Subject, finding.What, finding.Detail, finding.Units, amount = finding.Cost?.Amount, currency = finding.Cost?.Currency, finding.Since, finding.DueAt }));

    public static Task UpdateAsync(Tx tx, IReadOnlyList<InboxEntry> entries) => EachAsync(entries, entry => tx.ExecuteAsync(
        "UPDATE supply_exceptions SET what = @What, detail = @Detail, units = @Units, amount = @amount, currency = @currency, due_at = @DueAt WHERE tenant = @Company AND id = @Id",
        new { entry.Company, entry.Id, entry.What, entry.Detail, entry.Units, amount = entry.Cost?.Amount, currency = entry.Cost?.Currency, entry.DueAt }));

    /// <summary>The causes of these are gone.</summary>
    public static Task EndAsync(Tx tx, IReadOnlyList<InboxEntry> entries) => EachAsync(entries, entry => tx.ExecuteAsync(
        "UPDATE supply_exceptions SET ended_at = @now, solved_at = COALESCE(solved_at, @now), solved_by = COALESCE(solved_by, 'itself') WHERE tenant = @Company AND id = @Id AND ended_at IS NULL",
        new { entry.Company, entry.Id, now = tx.Now }));

    /// <summary>Somebody looks after it.</summary>
    public static Task TakeAsync(Tx tx, PartnerId company, ExceptionId id, string by) =>
        tx.ExecuteAsync("UPDATE supply_exceptions SET taken_by = @by, taken_at = @now WHERE tenant = @company AND id = @id AND solved_at IS NULL", new { company, id, by, now = tx.Now });

    /// <summary>Somebody has dealt with it.</summary>
    public static Task SolveAsync(Tx tx, PartnerId company, ExceptionId id, string by) =>
        tx.ExecuteAsync("UPDATE supply_exceptions SET solved_by = @by, solved_at = @now WHERE tenant = @company AND id = @id AND solved_at IS NULL", new { company, id, by, now = tx.Now });

    /// <summary>Forgets some of those that ended long ago; how many.</summary>
    public static Task<int> PruneAsync(Tx tx, PartnerId tenant, DateTimeOffset before, int most) => tx.ExecuteAsync(
        "DELETE FROM supply_exceptions WHERE tenant = @tenant AND id IN (SELECT x.id FROM supply_exceptions AS x WHERE x.tenant = @tenant AND x.solved_at < @before AND x.ended_at < @before ORDER BY x.solved_at LIMIT @most)",
        new { tenant, before, most });

    private static async Task EachAsync<T>(IReadOnlyList<T> rows, Func<T, Task> run)
    {
        foreach (var row in rows)
            await run(row);
    }

    private sealed record Counted
    {
        public int Open { get; init; }
        public int Overdue { get; init; }
    }

    private sealed record Span
    {
        public DateTimeOffset OpenedAt { get; init; }
        public DateTimeOffset SolvedAt { get; init; }
    }

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public ExceptionId Id { get; init; }
        public string Kind { get; init; } = "";
        public string Subject { get; init; } = "";
        public string What { get; init; } = "";
        public string Detail { get; init; } = "";
        public int Units { get; init; }
        public long? Amount { get; init; }
        public string? Currency { get; init; }
        public DateTimeOffset OpenedAt { get; init; }
        public DateTimeOffset? DueAt { get; init; }
        public string? TakenBy { get; init; }
        public DateTimeOffset? TakenAt { get; init; }
        public string? SolvedBy { get; init; }
        public DateTimeOffset? SolvedAt { get; init; }
        public DateTimeOffset? EndedAt { get; init; }

        public InboxEntry ToEntry() => new()
        {
            Company = Tenant,
            Id = Id,
            Kind = Enum.Parse<ExceptionKind>(Kind),
            Subject = Subject,
            What = What,
            Detail = Detail,
            Units = Units,
            Cost = Amount is { } amount && Currency is { } currency ? new Platform.Money(amount, currency) : null,
            OpenedAt = OpenedAt,
            DueAt = DueAt,
            TakenBy = TakenBy,
            TakenAt = TakenAt,
            SolvedBy = SolvedBy,
            SolvedAt = SolvedAt,
            EndedAt = EndedAt,
        };
    }
}
