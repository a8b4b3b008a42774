using System.Text.Json;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Owners' allocation rules in SQL.</summary>
public static class AllocationStore
{
    /// <summary>An owner's rule.</summary>
    public static async Task<AllocationChoice> OfAsync(Db db, PartnerId owner) =>
        await db.FirstAsync<Row>("SELECT rule, channels FROM stock_allocation_rules WHERE tenant = @owner", new { owner }) is { } row
            ? new AllocationChoice(row.Rule, row.Channels is null ? [] : JsonSerializer.Deserialize(row.Channels, StockJson.Default.IReadOnlyListString)!) // Written by PutAsync.
            : AllocationChoice.Default;

    /// <summary>Chooses an owner's rule.</summary>
    public static Task PutAsync(Tx tx, PartnerId owner, AllocationChoice choice) => tx.ExecuteAsync(
        "INSERT INTO stock_allocation_rules (tenant, rule, channels) VALUES (@owner, @rule, @channels) ON CONFLICT (tenant) DO UPDATE SET rule = excluded.rule, channels = excluded.channels",
        new { owner, rule = choice.Rule.ToString(), channels = JsonSerializer.Serialize(choice.Channels, StockJson.Default.IReadOnlyListString) });

    private sealed record Row
    {
        public AllocationRule Rule { get; init; }
        public string? Channels { get; init; }
    }
}
