using System.Collections.Concurrent;
using Caravan.Network;
using Caravan.Platform.Pruning;
using Caravan.Platform.Storage;

namespace Caravan.Orders;

/// <summary>
/// How many orders each node was given in this hour, against its throughput. Counted in memory as they are given here, and read
/// again now and then for what other servers gave; it limits, it does not promise.
/// </summary>
internal sealed class NodeLoads(TimeProvider clock)
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan HoursKept = TimeSpan.FromDays(2);

    private readonly ConcurrentDictionary<PartnerId, OfOperator> operators = new();

    /// <summary>Hours that are long past.</summary>
    public static Pruning Pruning => new("hours of nodes' loads", IsOfEachTenant: true, (tx, tenant, _) => tx.ExecuteAsync(
        "DELETE FROM node_loads WHERE tenant = @tenant AND hour < @old",
        new { tenant, old = HourOf(tx.Now - HoursKept) }));

    public static long HourOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 3600;

    /// <summary>The loads of these companies' nodes.</summary>
    public async ValueTask<IReadOnlyDictionary<LocationId, int>> OfAsync(Db db, IReadOnlyCollection<PartnerId> companies, DateTimeOffset now)
    {
        if (companies.Count == 1)
            return (await OfAsync(db, companies.First(), now)).Orders;

        var loads = new Dictionary<LocationId, int>();
        foreach (var company in companies)
        {
            foreach (var (location, orders) in (await OfAsync(db, company, now)).Orders)
                loads[location] = orders;
        }

        return loads;
    }

    /// <summary>Counts what is given, once it is on disk.</summary>
    public void CountAfterCommit(Tx tx, IReadOnlyCollection<FulfilmentOrder> given)
    {
        var hour = HourOf(tx.Now);
        tx.AfterCommit(() =>
        {
            foreach (var fulfilment in given)
            {
                if (operators.TryGetValue(fulfilment.Operator, out var loads) && loads.Hour == hour)
                    loads.Orders.AddOrUpdate(fulfilment.Location, 1, (_, orders) => orders + 1);
            }
        });
    }

    private async ValueTask<OfOperator> OfAsync(Db db, PartnerId company, DateTimeOffset now)
    {
        var hour = HourOf(now);
        if (db is not Tx && operators.TryGetValue(company, out var loads) && loads.Hour == hour && clock.GetElapsedTime(loads.ReadAt) < ReadAgainAfter)
            return loads;

        loads = await db.OnceAsync(("loads", company), async () =>
        {
            var rows = await db.QueryAsync<Row>("SELECT location, orders FROM node_loads WHERE tenant = @company AND hour = @hour", new { company, hour });
            return new OfOperator(hour, clock.GetTimestamp(), new(rows.Select(row => KeyValuePair.Create(row.Location, row.Orders))));
        });
        if (db is not Tx)
            operators[company] = loads;
        return loads;
    }

    private sealed record OfOperator(long Hour, long ReadAt, ConcurrentDictionary<LocationId, int> Orders);

    private sealed record Row
    {
        public LocationId Location { get; init; }
        public int Orders { get; init; }
    }
}
