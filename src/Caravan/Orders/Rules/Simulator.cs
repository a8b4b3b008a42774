using System.Threading.Channels;
using Caravan.Catalog;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Pruning;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Orders.Rules;

/// <summary>
/// Decides the orders of the last days twice on paper, by the rules in force and by a draft, one simulation at a time on a server.
/// Which waits is in the store, so that any server may run it; how far it is, too, so that all can show it.
/// </summary>
internal sealed partial class Simulator : BackgroundService
{
    /// <summary>Most orders of one simulation: the newest of the days that were asked for.</summary>
    public const int OrdersMax = 5_000;

    /// <summary>A server that has said nothing of it for so long has died.</summary>
    public static readonly TimeSpan SilentMax = TimeSpan.FromSeconds(30);

    /// <summary>So long others may go before; what waits longer was forgotten when its server stopped.</summary>
    public static readonly TimeSpan WaitingMax = TimeSpan.FromMinutes(10);

    /// <summary>Reports of simulations that are long past; the shelves are others since.</summary>
    public static readonly Pruning Pruning = new("simulations of sourcing rules", IsOfEachTenant: true, (tx, tenant, _) => tx.ExecuteAsync(
        "DELETE FROM sourcing_simulations WHERE tenant = @tenant AND asked_at < @old",
        new { tenant, old = tx.Now - TimeSpan.FromDays(30) }));

    private const int PageLength = 500;
    private static readonly TimeSpan BeatEvery = TimeSpan.FromMilliseconds(500);

    private readonly Channel<PartnerId> asked = Channel.CreateUnbounded<PartnerId>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Store store;
    private readonly BufferDesk buffers;
    private readonly ItemCatalog catalog;
    private readonly PartnerBook partners;
    private readonly NetworkMap map;
    private readonly TimeProvider clock;
    private readonly ILogger<Simulator> log;

    public Simulator(Store store, BufferDesk buffers, ItemCatalog catalog, PartnerBook partners, NetworkMap map, TimeProvider clock, ILogger<Simulator> log)
    {
        (this.store, this.buffers, this.catalog, this.partners, this.map, this.clock, this.log) = (store, buffers, catalog, partners, map, clock, log);
        store.Listen(SimulationStore.Topic, change => asked.Writer.TryWrite(change.Tenant));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var company in asked.Reader.ReadAllAsync(stoppingToken))
                await RunNextAsync(company, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; another, or this one when it is asked again, begins anew.
        }
    }

    private async Task RunNextAsync(PartnerId company, CancellationToken cancel)
    {
        Simulation? claimed = null;
        try
        {
            claimed = await store.WriteLaterAsync(tx => SimulationStore.ClaimAsync(tx, company, tx.Now - SilentMax), cancel);
            if (claimed is not null && await store.ReadAsync(db => SourcingRuleStore.FindAsync(db, company, claimed.Rules), cancel) is { } draft)
                await RunAsync(company, draft, claimed, cancel);
        }
#pragma warning disable CA1031 // Whatever it is, somebody waits for the report, and the next simulation must run.
        catch (Exception exception) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogFailure(exception);
            if (claimed is not null)
                await ((Task)store.WriteLaterAsync(tx => SimulationStore.WriteAsync(tx, company, claimed with { State = SimulationState.Failed }), cancel)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(PartnerId company, SourcingRuleSet draft, Simulation claimed, CancellationToken cancel)
    {
        var since = clock.GetUtcNow() - TimeSpan.FromDays(claimed.Days);
        var (orders, leftOut, now, then) = await store.ReadAsync(db => DesksAsync(db, company, draft, since, cancel), cancel);
        List<SimulationPair> pairs = new(orders.Count);
        var beatAt = TimeProvider.System.GetTimestamp();
        foreach (var order in orders)
        {
            cancel.ThrowIfCancellationRequested();
            pairs.Add(new SimulationPair(order.Id, order.Number, order.PlacedAt, order.Service, order.Lines.Where(line => line.SubstituteFor is null).Sum(line => line.Quantity), now(order), then(order)));
            if (TimeProvider.System.GetElapsedTime(beatAt) < BeatEvery)
                continue;

            beatAt = TimeProvider.System.GetTimestamp();
            if (!await store.WriteLaterAsync(tx => SimulationStore.WriteAsync(tx, company, claimed with { Done = pairs.Count, Total = orders.Count }), cancel))
                return; // Asked for anew, or discarded.
        }

        await store.WriteLaterAsync(tx => SimulationStore.WriteAsync(tx, company, claimed with { State = SimulationState.Done, Done = pairs.Count, Total = pairs.Count, Report = SimulationReport.Of(pairs, leftOut) }), cancel);
    }

    // On one snapshot, so that orders and shelves agree.
    private async Task<(IReadOnlyList<Order> Orders, int LeftOut, Func<Order, SimulationDecision> Now, Func<Order, SimulationDecision> Then)> DesksAsync(Db db, PartnerId company, SourcingRuleSet draft, DateTimeOffset since, CancellationToken cancel)
    {
        var (orders, leftOut) = await OrdersAsync(db, company, since, cancel);
        var network = await map.CurrentAsync(cancel);
        var changed = network.With(
            company,
            draft.Changes.Regions.ToDictionary(region => region.Code, region => region.IsActive),
            draft.Changes.CutOffs.ToDictionary(one => one.Location, Func<Location, Location> (one) => location => location with { SameDayCutOff = one.SameDay, NextDayCutOff = one.NextDay }));
        var inForce = SourcingRuleBook.Of(await SourcingRuleStore.LatestAsync(db, company));
        var now = new PaperDesk(network, company, inForce);
        var then = new PaperDesk(changed, company, new RulesInForce((inForce.Version == 0 ? 1 : inForce.Version) + 1, draft.Weights, []));
        await FillAsync(db, company, draft, orders, network, (now, network), (then, changed));
        return (orders, leftOut, order => DecisionOf(now, network, order), order => DecisionOf(then, changed, order));
    }

    // Oldest first, as they were placed.
    private static async Task<(IReadOnlyList<Order> Orders, int LeftOut)> OrdersAsync(Db db, PartnerId company, DateTimeOffset since, CancellationToken cancel)
    {
        List<Order> orders = [];
        OrderId? before = null;
        while (orders.Count < OrdersMax)
        {
            cancel.ThrowIfCancellationRequested();
            var page = await OrderStore.ListAsync(db, company, before, PageLength);
            orders.AddRange(page.Where(order => order.PlacedAt >= since));
            if (page.Count < PageLength || page[^1].PlacedAt < since)
                break;
            before = page[^1].Id;
        }

        var found = orders.Count < OrdersMax ? orders.Count : await db.ValueAsync<int>("SELECT COUNT(*) FROM orders WHERE tenant = @company AND placed_at >= @since", new { company, since });
        orders.Reverse();
        var decided = orders.Count <= OrdersMax ? orders : orders[^OrdersMax..];
        return (decided, Math.Max(0, found - decided.Count));
    }

    // The shelves as they would be had none of the orders been placed: what they reserve is given back, what has left because of them is there again.
    private async Task FillAsync(Db db, PartnerId company, SourcingRuleSet draft, IReadOnlyList<Order> orders, NetworkSnapshot network, params (PaperDesk Desk, NetworkSnapshot Network)[] desks)
    {
        var taken = new Dictionary<(PartnerId, ItemId, LocationId), (int Left, int Reserved)>();
        foreach (var one in orders.SelectMany(order => order.Fulfilments).SelectMany(fulfilment => fulfilment.Allocations))
        {
            var before = taken.GetValueOrDefault((one.Owner, one.Item, one.Location));
            taken[(one.Owner, one.Item, one.Location)] = (before.Left + one[LineStatus.Shipped] + one[LineStatus.Delivered], before.Reserved + one[LineStatus.Reserved] + one[LineStatus.Released] + one[LineStatus.Picked] + one[LineStatus.Packed]);
        }

        var items = orders.SelectMany(order => order.Lines).Where(line => line.SubstituteFor is null).DistinctBy(line => line.Item).ToList();
        var grants = await partners.GrantedToAsync(db, company, AgreementKind.SellStock, clock.GetUtcNow());
        var keyOf = items.ToDictionary(line => (company, line.Item), line => (Key: KeyOf(line), line.Gtin));
        var lineOfGtin = items.Where(line => line.Gtin is not null).DistinctBy(line => line.Gtin).ToDictionary(line => line.Gtin!); // Filtered just before.
        if (grants.Count > 0 && lineOfGtin.Count > 0)
        {
            foreach (var item in await catalog.ByGtinAsync(db, [.. grants.Select(grant => grant.Grantor).Distinct()], lineOfGtin.Keys))
                keyOf.TryAdd((item.Owner, item.Id), (KeyOf(lineOfGtin[item.Gtin!]), item.Gtin)); // Found by its GTIN.
        }

        foreach (var owner in keyOf.Keys.Select(key => key.company).Distinct().ToList())
        {
            var cells = await buffers.CellsAsync(db, owner, [.. keyOf.Keys.Where(key => key.company == owner).Select(key => key.Item)], owner == company ? draft.Changes.Buffers : []);
            foreach (var cell in cells.OrderBy(cell => cell.Item).ThenBy(cell => cell.Location))
            {
                var (key, gtin) = keyOf[(owner, cell.Item)];
                var (left, reserved) = taken.GetValueOrDefault((owner, cell.Item, cell.Location));
                for (var i = 0; i < desks.Length; i++)
                {
                    if (desks[i].Network.Find(cell.Location) is { } node && cell.Sellable(left, reserved, isChanged: i > 0) is > 0 and var units && (owner == company ? 100 : OrderFactsReader.ShareOf(grants, owner, gtin, node)) is > 0 and var share)
                        desks[i].Desk.Add(key, node, owner, units, share);
                }
            }
        }
    }

    private static string KeyOf(OrderLine line) => line.Item.ToString();

    private static SimulationDecision DecisionOf(PaperDesk desk, NetworkSnapshot network, Order order)
    {
        var lines = order.Lines.Where(line => line.SubstituteFor is null).Select(line => line with { Sku = KeyOf(line) }).ToList();
        var decision = desk.Decide(lines, order.Destination, order.Station is { } station ? network.Find(station) : null, [order.Service], order.PlacedAt);
        var why = order.Lines.Aggregate(decision.Why, (words, line) => words.Replace(KeyOf(line), line.Sku, StringComparison.Ordinal));
        return new SimulationDecision([.. decision.Parcels.OrderBy(parcel => parcel.Node.Code, StringComparer.Ordinal).Select(parcel => new SimulationParcel(parcel.Node.Code, parcel.Metres, parcel.Units))], decision.PromisedAt, why);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A simulation of sourcing rules was cut off.")]
    private partial void LogFailure(Exception exception);
}
