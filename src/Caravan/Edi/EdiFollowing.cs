using System.Globalization;
using Caravan.Engines.Edi;
using Caravan.Fulfilment;
using Caravan.Orders;
using Caravan.Platform;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;

namespace Caravan.Edi;

/// <summary>
/// What trading partners are told without having asked: a node of theirs what it is to ship (940, 850, ORDERS), a buyer that it was
/// shipped (856, DESADV). Each is written in the transaction in which the event is taken, and nothing is told twice.
/// </summary>
internal sealed class EdiFollowing
{
    private const int CompaniesMax = 100_000;
    private readonly Store store;
    private readonly OrderDesk orders;
    private readonly PickFloor floor;
    private readonly NodeOrders nodes;

    // Most companies trade with nobody by EDI: their events cost no question to the store.
    private readonly Recent<PartnerId, Trades> trades = new(CompaniesMax, _ => 1);

    public EdiFollowing(Store store, OrderDesk orders, PickFloor floor, NodeOrders nodes)
    {
        this.store = store;
        this.orders = orders;
        this.floor = floor;
        this.nodes = nodes;
        store.Caches["edi companies"] = () => trades.State;
        store.Listen(EdiStore.Topic, _ => trades.Clear());
    }

    public Subscription OfOrders => new("edi.orders", [PickListEvent.Type, OrderEvent.Changed], OnOrderAsync)
    {
        HandleMany = async (tx, many) =>
        {
            foreach (var happened in many)
                await OnOrderAsync(tx, happened);
        },
    };

    private async Task OnOrderAsync(Tx tx, OutboxEvent happened)
    {
        if (await HasPartnersAsync(happened.Tenant))
            await (happened.Type == PickListEvent.Type ? ReleaseAsync(tx, happened) : DespatchAsync(tx, happened));
    }

    private async Task<bool> HasPartnersAsync(PartnerId company)
    {
        if (trades.Find(company) is { } known)
            return known.ByEdi;

        // Read beside the transaction: what is remembered must have been committed.
        return await store.ReadAsync(async db =>
        {
            var readAt = db.ReadAt;
            var found = new Trades((await EdiStore.PartnersAsync(db, company)).Count > 0);
            trades.Keep(company, found, readAt);
            return found.ByEdi;
        }, CancellationToken.None);
    }

    private async Task ReleaseAsync(Tx tx, OutboxEvent happened)
    {
        var told = PickListEvent.Of(happened);
        if (told.Act is PickAct.Released or PickAct.Reduced && (await EdiStore.PartnersAsync(tx, happened.Tenant)).Find(partner => partner.Settings.Warehouse == told.Location) is { } node)
            await nodes.TellAsync(tx, node, told.PickList);
    }

    private async Task DespatchAsync(Tx tx, OutboxEvent happened)
    {
        if (!OrderId.TryParse(happened.Subject, null, out var changed)
            || await EdiStore.OrderAsync(tx, happened.Tenant, changed) is not { } bought
            || await EdiStore.PartnerAsync(tx, happened.Tenant, bought.Partner) is not { Settings.SendsDespatch: true } buyer
            || await orders.FindAsync(tx, happened.Tenant, changed) is not { } order)
        {
            return;
        }

        foreach (var fulfilment in order.Fulfilments)
        {
            var shipped = fulfilment.Allocations.Where(one => one[LineStatus.Shipped] + one[LineStatus.Delivered] > 0).ToList();
            if (shipped.Count > 0 && fulfilment.Allocations.All(one => one.Open == 0) && await EdiStore.TellAsync(tx, happened.Tenant, fulfilment.Id, "856", buyer.Id, bought.Number))
                await EdiReplies.SendAsync(tx, buyer, await SyntaxAsync(tx, happened.Tenant, bought), [Advice(order, fulfilment, shipped, bought, await BagsAsync(tx, fulfilment), tx.Now)]);
        }
    }

    // They are answered in the standard they ordered in.
    private static async Task<EdiSyntax> SyntaxAsync(Tx tx, PartnerId tenant, EdiOrder bought) =>
        await EdiStore.FindAsync(tx, tenant, bought.Interchange) is { Syntax: var syntax } ? syntax : EdiSyntax.X12;

    private async Task<IReadOnlyList<Bag>> BagsAsync(Tx tx, FulfilmentOrder fulfilment) =>
        await floor.FindAsync(tx, fulfilment.Operator, fulfilment.Id) is { } list ? [.. list.Bags.Where(bag => bag is { IsPacked: true, Sscc: not null })] : [];

    private static DespatchAdvice Advice(Order order, FulfilmentOrder fulfilment, IReadOnlyList<Allocation> shipped, EdiOrder bought, IReadOnlyList<Bag> bags, DateTimeOffset now)
    {
        List<(TemperatureClass Bag, DespatchLine Line)> lines = [];
        foreach (var one in shipped.GroupBy(allocation => allocation.Line).OrderBy(group => group.Key))
        {
            // What was put in for a line stands under that line's number, with our own number for it.
            var line = order.Lines[one.Key - 1];
            var buyer = bought.Lines[(line.SubstituteFor ?? line.Line) - 1];
            lines.Add((line.TemperatureClass, new DespatchLine
            {
                Line = buyer.Line,
                Items = line.SubstituteFor is null ? buyer.Items : line.Gtin is { } gtin ? [new ItemCode("VN", line.Sku), new ItemCode("UK", gtin)] : [new ItemCode("VN", line.Sku)],
                Shipped = (decimal)one.Sum(allocation => allocation[LineStatus.Shipped] + allocation[LineStatus.Delivered]) / buyer.Factor,
                Unit = buyer.Unit ?? "EA",
                Ordered = (decimal)line.Quantity / buyer.Factor,
                Description = line.Name,
            }));
        }

        // What lies in a bag with a number lies below it; the rest right below the order.
        List<DespatchLevel> levels = [new() { Id = "1", Kind = DespatchLevelKind.Shipment }, new() { Id = "2", Parent = "1", Kind = DespatchLevelKind.Order, OrderNumber = bought.Number }];
        string NextId() => (levels.Count + 1).ToString(CultureInfo.InvariantCulture);
        foreach (var bag in bags.Where(bag => lines.Exists(one => one.Bag == bag.TemperatureClass)))
        {
            var pack = NextId();
            levels.Add(new DespatchLevel { Id = pack, Parent = "2", Kind = DespatchLevelKind.Pack, Ssccs = [bag.Sscc.ToString()!] }); // Those with a number.
            foreach (var (_, line) in lines.Where(one => one.Bag == bag.TemperatureClass))
                levels.Add(new DespatchLevel { Id = NextId(), Parent = pack, Kind = DespatchLevelKind.Item, Lines = [line] });
        }

        foreach (var (_, line) in lines.Where(one => !bags.Any(bag => bag.TemperatureClass == one.Bag)))
            levels.Add(new DespatchLevel { Id = NextId(), Parent = "2", Kind = DespatchLevelKind.Item, Lines = [line] });
        return new DespatchAdvice
        {
            Purpose = "00",
            Number = fulfilment.Id.ToString(),
            Date = EdiReplies.DateOf(now),
            References = [new TradeReference("ON", bought.Number)],
            Levels = levels,
        };
    }

    private sealed record Trades(bool ByEdi);
}
