using System.Text.Json;
using Caravan.Platform.Storage;

namespace Caravan.Orders.Rules;

internal static class SimulationStore
{
    /// <summary>A simulation of a company's waits for somebody to run it.</summary>
    public const string Topic = "sourcing-simulations";

    private const string Columns = "tenant, rules, state, against, days, done, total, asked_at, beat_at, report";

    public static async Task<Simulation?> FindAsync(Db db, PartnerId company, RuleSetId rules) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM sourcing_simulations WHERE tenant = @company AND rules = @rules", new { company, rules }))?.ToSimulation();

    /// <summary>How those of these rule sets stand, without their reports.</summary>
    public static async Task<List<Simulation>> StatesAsync(Db db, PartnerId company, IReadOnlyCollection<RuleSetId> rules) => rules.Count == 0 ? [] : (await db.QueryAsync<Row>(
        "SELECT tenant, rules, state, against, days, done, total, asked_at, beat_at, NULL AS report FROM sourcing_simulations WHERE tenant = @company AND rules IN @ids", new { company, ids = rules.ToKeys(db) })).ConvertAll(row => row.ToSimulation());

    /// <summary>Asks for one, anew where there was one.</summary>
    public static Task AskAsync(Tx tx, PartnerId company, Simulation simulation)
    {
        tx.Announce(Topic, company);
        return tx.ExecuteAsync(
            $"""
            INSERT INTO sourcing_simulations ({Columns}) VALUES (@company, @Rules, @state, @Against, @Days, 0, 0, @AskedAt, @AskedAt, NULL)
            ON CONFLICT (tenant, rules) DO UPDATE SET state = excluded.state, against = excluded.against, days = excluded.days, done = 0, total = 0,
                asked_at = excluded.asked_at, beat_at = excluded.beat_at, report = NULL
            """,
            new { company, simulation.Rules, state = SimulationState.Waiting.ToString(), simulation.Against, simulation.Days, simulation.AskedAt });
    }

    /// <summary>A company's next that waits, or was left by a server that has died; it is the caller's to run.</summary>
    public static async Task<Simulation?> ClaimAsync(Tx tx, PartnerId company, DateTimeOffset deadBefore)
    {
        var next = await tx.FirstAsync<Row>(
            $"SELECT {Columns} FROM sourcing_simulations WHERE tenant = @company AND (state = 'Waiting' OR (state = 'Running' AND beat_at < @deadBefore)) ORDER BY asked_at LIMIT 1", new { company, deadBefore });
        if (next is null)
            return null;

        var claimed = next.ToSimulation() with { State = SimulationState.Running, BeatAt = tx.Now };
        await WriteAsync(tx, company, claimed);
        return claimed;
    }

    /// <summary>Says how far it is; false when it has been asked for anew or discarded meanwhile.</summary>
    public static async Task<bool> WriteAsync(Tx tx, PartnerId company, Simulation simulation) => await tx.ExecuteAsync(
        "UPDATE sourcing_simulations SET state = @state, done = @Done, total = @Total, beat_at = @now, report = @report WHERE tenant = @company AND rules = @Rules AND asked_at = @AskedAt",
        new { company, simulation.Rules, state = simulation.State.ToString(), simulation.Done, simulation.Total, now = tx.Now, simulation.AskedAt, report = simulation.Report is null ? null : JsonSerializer.Serialize(simulation.Report, RulesJson.Default.SimulationReport) }) == 1;

    public static Task RemoveAsync(Tx tx, PartnerId company, RuleSetId rules) => tx.ExecuteAsync("DELETE FROM sourcing_simulations WHERE tenant = @company AND rules = @rules", new { company, rules });

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public RuleSetId Rules { get; init; }
        public SimulationState State { get; init; }
        public int Against { get; init; }
        public int Days { get; init; }
        public int Done { get; init; }
        public int Total { get; init; }
        public DateTimeOffset AskedAt { get; init; }
        public DateTimeOffset BeatAt { get; init; }
        public string? Report { get; init; }

        public Simulation ToSimulation() => new()
        {
            Rules = Rules,
            State = State,
            Against = Against,
            Days = Days,
            Done = Done,
            Total = Total,
            AskedAt = AskedAt,
            BeatAt = BeatAt,
            Report = Report is null ? null : JsonSerializer.Deserialize(Report, RulesJson.Default.SimulationReport),
        };
    }
}
