using Caravan.Catalog;
using Caravan.Demo;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Demo.Import;

/// <summary>Which companies' stock serves the orders.</summary>
internal enum ImportSide
{
    /// <summary>Both, as one.</summary>
    Together,

    /// <summary>The chain's stores alone.</summary>
    ChainAlone,

    /// <summary>The logistics company's warehouses alone.</summary>
    LogisticsAlone,
}

/// <summary>The clock of the file: it stands at the time of the row being read.</summary>
internal sealed class FileClock : TimeProvider
{
    private DateTimeOffset now = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public void Set(DateTimeOffset at) => now = at > now ? at : now;

    public override DateTimeOffset GetUtcNow() => now;
}

/// <summary>Serves a file's orders once, on a store of its own: order by order in time, through the order desk's door.</summary>
internal sealed class ImportRun : IAsyncDisposable
{
    private static readonly TimeSpan BeijingOffset = TimeSpan.FromHours(8);
    private static readonly DeliveryService[] SoonestFirst = [DeliveryService.WithinHour, DeliveryService.SameDay, DeliveryService.NextDay];

    private readonly OrderFileContents file;
    private readonly ImportSide side;
    private readonly FileClock clock = new();
    private readonly WebApplication app;
    private readonly Dictionary<(string Customer, string Sku), List<OrderId>> ordersOf = [];
    private readonly HashSet<OrderId> placed = [];
    private PartnerId seller;

    public ImportRun(OrderFileContents file, ImportSide side, string folder, string store = "")
    {
        this.file = file;
        this.side = side;
        Report = new ImportReport(side switch { ImportSide.Together => "both as one", ImportSide.ChainAlone => "chain alone", _ => "logistics alone" });
        clock.Set(TimeOf(file.Orders.Count == 0 ? new DateTime(2010, 1, 1) : file.Orders[0].At).AddHours(-1));

        // The server's rooms without the server: nothing listens and no worker runs.
        app = CaravanServer.Build(new Settings { DataFolder = folder, Store = store, IsDemo = true, IsSimulated = false, Urls = "http://127.0.0.1:0" }, clock);
    }

    public ImportReport Report { get; }

    private Store Store => app.Services.GetRequiredService<Store>();

    private OrderDesk Desk => app.Services.GetRequiredService<OrderDesk>();

    private StockBook Stock => app.Services.GetRequiredService<StockBook>();

    /// <summary>Runs the file; <paramref name="progress"/> hears of each order and cancellation done.</summary>
    public async Task RunAsync(Action<int> progress, CancellationToken cancel)
    {
        await OpenAsync(cancel);
        var cancellations = new Queue<FileCancellation>(file.Cancellations);
        foreach (var order in file.Orders)
        {
            while (cancellations.TryPeek(out var next) && next.At < order.At)
            {
                await CancelAsync(cancellations.Dequeue(), cancel);
                progress(1);
            }

            await PlaceAsync(order, cancel);
            progress(1);
        }

        while (cancellations.TryDequeue(out var rest))
        {
            await CancelAsync(rest, cancel);
            progress(1);
        }

        Report.Orders = file.Orders.Count + file.NotOrders.Count;
        foreach (var reason in file.NotOrders.Values)
            ImportReport.Count(Report.RefusedBy, $"no order: {reason}");
        await DeliverAsync(progress, cancel);
        await CloseAsync(cancel);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task OpenAsync(CancellationToken cancel)
    {
        if ((await Store.ReadAsync(app.Services.GetRequiredService<PartnerBook>().AllAsync, cancel)).Count > 0)
            throw new InvalidDataException($"{Store.Place} holds companies already, and an import begins with an empty store. Give another with --data or --store.");

        await app.Services.GetRequiredService<DemoLoader>().SeedNetworkAsync(withGoods: false, withAgreements: side == ImportSide.Together, cancel);
        var network = await app.Services.GetRequiredService<NetworkMap>().CurrentAsync(cancel);
        var demo = DemoNetwork.Generate(DemoLoader.Seed);
        var partners = await Store.ReadAsync(app.Services.GetRequiredService<PartnerBook>().AllAsync, cancel);
        var chain = partners.First(partner => partner.Slug == "lantern").Id;
        var logistics = partners.First(partner => partner.Slug == "silkroad").Id;
        seller = side == ImportSide.LogisticsAlone ? logistics : chain;

        var locationOf = demo.Locations.Select(location => network.Locations.First(one => one.Code == location.Code)).ToArray();
        var (warehouses, stores) = ShadowSample.NodesOf(demo);
        await Store.WriteAsync(async tx =>
        {
            List<StockTake> goods = [];
            foreach (var (sku, units) in file.UnitsOfItems)
            {
                var items = new[] { chain, logistics }.ToDictionary(owner => owner, owner => SyntheticWorld.ItemOf(owner, sku, file.NamesOfItems[sku], file.PricesOfItems[sku], tx.Now));
                await app.Services.GetRequiredService<ItemCatalog>().PutAsync(tx, items.Values);
                goods.AddRange(SyntheticWorld.StockOf(units, demo, warehouses, stores)
                    .Where(row => row.Quantity > 0)
                    .Select(row => new StockTake(locationOf[row.Location].Operator, items[locationOf[row.Location].Operator].Id, locationOf[row.Location].Id, row.Quantity)));
            }

            await Stock.ReceiveAsync(tx, goods, "import: opening stock");
            Report.OpeningStock = goods.Where(row => side == ImportSide.Together || row.Owner == seller).Sum(row => (long)row.Quantity);
        }, cancel);
    }

    private async Task PlaceAsync(FileOrder order, CancellationToken cancel)
    {
        clock.Set(TimeOf(order.At));
        var (point, address) = SyntheticWorld.AddressOf(order);
        var basket = new Basket(seller, [.. order.Lines.Select(line => new BasketLine(line.Sku, null, null, line.Quantity, line.PriceAmount))], point, null);
        var outcome = await Desk.PlaceSoonestAsync(new OrderRequest(basket, "web", order.Number, DeliveryService.NextDay, address), SoonestFirst, cancel);
        switch (outcome)
        {
            case PlaceOutcome.Placed done:
                await NoteAsync(order, done.Order, cancel);
                break;
            case PlaceOutcome.Refused refused:
                ImportReport.Count(Report.RefusedBy, refused.Reason.ToString());
                break;
            case PlaceOutcome.Faulty faulty:
                ImportReport.Count(Report.RefusedBy, faulty.Faults[0].Detail);
                break;
            default:
                ImportReport.Count(Report.RefusedBy, outcome.GetType().Name);
                break;
        }
    }

    private async Task NoteAsync(FileOrder order, Order done, CancellationToken cancel)
    {
        placed.Add(done.Id);
        Report.Placed++;
        Report.Split += done.Fulfilments.Count > 1 ? 1 : 0;
        Report.Lines += done.Lines.Count;
        Report.Units += done.Lines.Sum(line => (long)line.Quantity);
        Report.AddPromise(done.PromisedAt - done.PlacedAt);
        ImportReport.Count(Report.Services, done.Service.ToString());
        var network = await app.Services.GetRequiredService<NetworkMap>().CurrentAsync(cancel);
        foreach (var fulfilment in done.Fulfilments)
        {
            Report.AddParcel(fulfilment.DistanceMetres);
            var node = network.Find(fulfilment.Location)!; // The order desk took it from the network.
            foreach (var allocation in fulfilment.Allocations)
            {
                var from = $"{(allocation.Owner == seller ? "own" : "partner's")} {node.Kind.ToString().ToLowerInvariant()}s";
                Report.UnitsFrom[from] = Report.UnitsFrom.GetValueOrDefault(from) + allocation.Quantity;
            }
        }

        if (order.Customer is null)
            return;

        foreach (var line in order.Lines)
        {
            if (!ordersOf.TryGetValue((order.Customer, line.Sku), out var orders))
                ordersOf[(order.Customer, line.Sku)] = orders = [];
            orders.Add(done.Id);
        }
    }

    private async Task CancelAsync(FileCancellation cancellation, CancellationToken cancel)
    {
        clock.Set(TimeOf(cancellation.At));
        if (cancellation.Customer is null || !ordersOf.TryGetValue((cancellation.Customer, cancellation.Sku), out var orders))
        {
            ImportReport.Count(Report.CancellationRows, "of goods that this customer has no placed order of");
            return;
        }

        var left = cancellation.Quantity;
        for (var i = orders.Count - 1; i >= 0 && left > 0; i--)
            left -= await CancelAsync(orders[i], cancellation.Sku, left, cancel);
        Report.UnitsCancelled += cancellation.Quantity - left;
        ImportReport.Count(Report.CancellationRows, left == 0 ? "cancelled" : left < cancellation.Quantity ? "cancelled in part: more was given up than ordered" : "of units that were cancelled before");
    }

    private Task<int> CancelAsync(OrderId id, string sku, int units, CancellationToken cancel) => Store.WriteAsync(async tx =>
    {
        var order = (await Desk.FindAsync(tx, seller, id))!; // We placed it.
        var line = order.Lines.First(one => one.Sku == sku).Line;
        var open = order.Fulfilments.SelectMany(one => one.Allocations).Where(one => one.Line == line).Sum(one => one.Open);
        var taken = Math.Min(units, open);
        if (taken > 0)
            await Desk.CancelAsync(tx, seller, id, new Dictionary<int, int> { [line] = taken });
        return taken;
    }, cancel);

    // The end of the file: what was not cancelled is picked, packed and delivered.
    private async Task DeliverAsync(Action<int> progress, CancellationToken cancel)
    {
        foreach (var slice in placed.Chunk(100))
        {
            await Store.WriteAsync(async tx =>
            {
                foreach (var id in slice)
                {
                    var order = (await Desk.FindAsync(tx, seller, id))!; // We placed it.
                    foreach (var fulfilment in order.Fulfilments.Where(one => one.Allocations.Any(allocation => allocation.Open > 0)))
                    {
                        await Desk.ReleaseAsync(tx, seller, fulfilment.Id);
                        await Desk.PickedAsync(tx, seller, fulfilment.Id);
                        await Desk.PackedAsync(tx, seller, fulfilment.Id);
                        await Desk.CollectedAsync(tx, seller, fulfilment.Id);
                        Report.UnitsDelivered += fulfilment.Allocations.Sum(one => one.Open);
                    }
                }
            }, cancel);
            progress(slice.Length);
        }
    }

    private async Task CloseAsync(CancellationToken cancel)
    {
        Report.ClosingStock = Report.OpeningStock - Report.UnitsDelivered;
        Report.BookDifferences = (await Store.ReadAsync(Stock.AuditAsync, cancel)).Count;
    }

    private static DateTimeOffset TimeOf(DateTime local) => new DateTimeOffset(local, BeijingOffset).ToUniversalTime();
}
