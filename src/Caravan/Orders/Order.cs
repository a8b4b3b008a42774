using System.Diagnostics;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders.Supplies;
using Caravan.Platform;

namespace Caravan.Orders;

/// <summary>Where a unit of an order line stands.</summary>
public enum LineStatus
{
    /// <summary>Taken from sellable stock.</summary>
    Reserved,

    /// <summary>The node's people have been told.</summary>
    Released,

    /// <summary>In the tote.</summary>
    Picked,

    /// <summary>In the parcel, ready.</summary>
    Packed,

    /// <summary>With the courier.</summary>
    Shipped,

    /// <summary>With the customer.</summary>
    Delivered,

    /// <summary>Not on the shelf, and nowhere else either unless another fulfilment order has it.</summary>
    Short,

    /// <summary>Called off.</summary>
    Cancelled,

    /// <summary>Back at the node.</summary>
    Returned,

    /// <summary>It waits for supply.</summary>
    BackOrdered,
}

/// <summary>
/// How many units of one line, from one owner's stock at one node, stand where. A move takes units from a state to
/// another; the sum never changes.
/// </summary>
public sealed record Allocation
{
    /// <summary>Which fulfilment order.</summary>
    public required FulfilmentId Fulfilment { get; init; }

    /// <summary>Which order line, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Whose stock.</summary>
    public required PartnerId Owner { get; init; }

    /// <summary>The owner's item.</summary>
    public required ItemId Item { get; init; }

    /// <summary>The node.</summary>
    public required LocationId Location { get; init; }

    /// <summary>Units by <see cref="LineStatus"/>.</summary>
    public required IReadOnlyList<int> Units { get; init; }

    /// <summary>How many states there are.</summary>
    internal static readonly int States = Enum.GetValues<LineStatus>().Length;

    /// <summary>All units.</summary>
    public int Quantity
    {
        get
        {
            var sum = 0;
            for (var i = 0; i < Units.Count; i++)
                sum += Units[i];
            return sum;
        }
    }

    /// <summary>Units in a state.</summary>
    [System.Runtime.CompilerServices.IndexerName("UnitsIn")]
    public int this[LineStatus status] => Units[(int)status];

    /// <summary>Units that still hold a reservation of stock at the node.</summary>
    public int Open => this[LineStatus.Reserved] + this[LineStatus.Released] + this[LineStatus.Picked] + this[LineStatus.Packed];

    /// <summary>Adds the units of each state to a count of them.</summary>
    internal void AddTo(Span<int> units)
    {
        for (var i = 0; i < Units.Count; i++)
            units[i] += Units[i];
    }

    /// <summary>Takes units from a state to another.</summary>
    public Allocation Move(LineStatus from, LineStatus to, int count)
    {
        if (count < 0 || count > this[from])
            throw new ArgumentOutOfRangeException(nameof(count), count, $"{this[from]} units are {from}.");

        var units = Units.ToArray();
        units[(int)from] -= count;
        units[(int)to] += count;
        Debug.Assert(units.Sum() == Quantity, "A move keeps the sum.");
        return this with { Units = units };
    }

    /// <summary>A new allocation, all of it reserved.</summary>
    public static IReadOnlyList<int> AllReserved(int quantity)
    {
        var units = new int[States];
        units[(int)LineStatus.Reserved] = quantity;
        return units;
    }
}

/// <summary>One line as it was ordered.</summary>
public sealed record OrderLine
{
    /// <summary>From 1.</summary>
    public required int Line { get; init; }

    /// <summary>The seller's item.</summary>
    public required ItemId Item { get; init; }

    /// <summary>The seller's SKU.</summary>
    public required string Sku { get; init; }

    /// <summary>GTIN-14, which joins it to other companies' stock.</summary>
    public string? Gtin { get; init; }

    /// <summary>Its name when it was ordered.</summary>
    public required string Name { get; init; }

    /// <summary>How many.</summary>
    public required int Quantity { get; init; }

    /// <summary>The price of one.</summary>
    public required long PriceAmount { get; init; }

    /// <summary>The weight of one.</summary>
    public required int WeightGrams { get; init; }

    /// <summary>How cold it stays.</summary>
    public required TemperatureClass TemperatureClass { get; init; }

    /// <summary>Whether the customer agrees to something else, never dearer, when it is not on the shelf.</summary>
    public bool AllowsSubstitute { get; init; }

    /// <summary>The line it was put in for, when it was not ordered.</summary>
    public int? SubstituteFor { get; init; }
}

/// <summary>What one node does for an order.</summary>
public sealed record FulfilmentOrder
{
    /// <summary>Its id.</summary>
    public required FulfilmentId Id { get; init; }

    /// <summary>The order it is part of.</summary>
    public required OrderId Order { get; init; }

    /// <summary>The node.</summary>
    public required LocationId Location { get; init; }

    /// <summary>Who works there.</summary>
    public required PartnerId Operator { get; init; }

    /// <summary>When it should be packed.</summary>
    public required DateTimeOffset ReadyAt { get; init; }

    /// <summary>When it was promised.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>How far the node is from the customer by road.</summary>
    public required int DistanceMetres { get; init; }

    /// <summary>What it gives.</summary>
    public required IReadOnlyList<Allocation> Allocations { get; init; }

    /// <summary>The state that the least advanced open unit is in; when none is open, what became of them.</summary>
    public LineStatus Status => OrderState.Of(Allocations);
}

/// <summary>An order, whole: its lines, and what each node does for it.</summary>
public sealed record Order
{
    /// <summary>Seller of record.</summary>
    public required PartnerId Seller { get; init; }

    /// <summary>Its id.</summary>
    public required OrderId Id { get; init; }

    /// <summary>Where it was sold: <c>web</c>, <c>store-12</c>.</summary>
    public required string Channel { get; init; }

    /// <summary>The seller's own number, unique in its channel for ever.</summary>
    public required string Number { get; init; }

    /// <summary>How soon, or at a station.</summary>
    public required DeliveryService Service { get; init; }

    /// <summary>When it was placed.</summary>
    public required DateTimeOffset PlacedAt { get; init; }

    /// <summary>When the customer asked for it, if they did.</summary>
    public DateTimeOffset? RequestedAt { get; init; }

    /// <summary>When it was promised.</summary>
    public required DateTimeOffset PromisedAt { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>What the goods cost.</summary>
    public required long GoodsAmount { get; init; }

    /// <summary>What the delivery costs.</summary>
    public required long DeliveryAmount { get; init; }

    /// <summary>Where it goes.</summary>
    public required GeoPoint Destination { get; init; }

    /// <summary>The address as a courier reads it.</summary>
    public required string Address { get; init; }

    /// <summary>The station it is collected at.</summary>
    public LocationId? Station { get; init; }

    /// <summary>The promise it was placed on.</summary>
    public PromiseId? Promise { get; init; }

    /// <summary>Its payment, when it was placed before it was paid.</summary>
    public OrderPayment? Payment { get; init; }

    /// <summary>Whether nodes are told of it: it waits for no payment.</summary>
    public bool IsToBeWorkedOn => Payment is null or { State: PaymentState.Paid };

    /// <summary>The end of its tracking link; whoever has it may look.</summary>
    public required string TrackingSecret { get; init; }

    /// <summary>The customer's code: given to the courier or shown at the station.</summary>
    public required string ProofCode { get; init; }

    /// <summary>Its stock has fallen short and no other node has it.</summary>
    public bool IsAtRisk { get; init; }

    /// <summary>What was ordered.</summary>
    public required IReadOnlyList<OrderLine> Lines { get; init; }

    /// <summary>One fulfilment order per node.</summary>
    public required IReadOnlyList<FulfilmentOrder> Fulfilments { get; init; }

    /// <summary>What of it waits for supply, or was called off while it did.</summary>
    public IReadOnlyList<BackOrder> BackOrders { get; init; } = [];

    /// <summary>Derived from the units of all lines.</summary>
    public LineStatus Status => BackOrders.Any(part => part.Waiting > 0) ? LineStatus.BackOrdered : OrderState.Of(Fulfilments.SelectMany(fulfilment => fulfilment.Allocations));

    /// <summary>Units of a line in a state. Units that went short and were sourced anew count where they are now.</summary>
    public int UnitsOf(int line, LineStatus status)
    {
        var (there, all) = (0, 0);
        foreach (var fulfilment in Fulfilments)
        {
            foreach (var allocation in fulfilment.Allocations)
            {
                if (allocation.Line != line)
                    continue;

                there += allocation[status];
                all += allocation.Quantity;
            }
        }

        return status switch
        {
            LineStatus.BackOrdered => WaitingOf(line).Sum(part => part.Waiting),
            LineStatus.Cancelled => there + WaitingOf(line).Sum(part => part.Cancelled),
            LineStatus.Short => Math.Max(0, Lines[line - 1].Quantity - (all - there) - WaitingOf(line).Sum(part => part.Waiting + part.Cancelled)), // Not where another fulfilment order took over.
            _ => there,
        };
    }

    private IEnumerable<BackOrder> WaitingOf(int line) => BackOrders.Count == 0 ? [] : BackOrders.Where(part => part.Line == line);

    /// <summary>The path of the page where the customer follows it.</summary>
    public string TrackingPath => $"/track/{Seller.ToString()[(Platform.Tenancy.PartnerIdKind.Prefix.Length + 1)..]}-{Id.ToString()[(Platform.Ids.OrderIdKind.Prefix.Length + 1)..]}-{TrackingSecret}";
}

/// <summary>Derives one state from many units.</summary>
public static class OrderState
{
    private static readonly LineStatus[] OpenFirst = [LineStatus.Reserved, LineStatus.Released, LineStatus.Picked, LineStatus.Packed, LineStatus.Shipped];
    private static readonly LineStatus[] Ended = [LineStatus.Delivered, LineStatus.Returned, LineStatus.Short, LineStatus.Cancelled];

    /// <summary>The least advanced open state; when nothing is open, the best end that any unit came to.</summary>
    public static LineStatus Of(IEnumerable<Allocation> allocations)
    {
        Span<int> units = stackalloc int[Allocation.States];
        foreach (var allocation in allocations)
            allocation.AddTo(units);
        foreach (var status in OpenFirst)
        {
            if (units[(int)status] > 0)
                return status;
        }

        foreach (var status in Ended)
        {
            if (units[(int)status] > 0)
                return status;
        }

        return LineStatus.Cancelled;
    }

    /// <summary>How an order's state is said to a customer.</summary>
    public static string Word(LineStatus status) => status switch
    {
        LineStatus.Reserved => "placed",
        LineStatus.Released => "released",
        LineStatus.Picked => "picked",
        LineStatus.Packed => "ready",
        LineStatus.Shipped => "on its way",
        LineStatus.Delivered => "delivered",
        LineStatus.Short => "short",
        LineStatus.Cancelled => "cancelled",
        LineStatus.Returned => "returned",
        LineStatus.BackOrdered => "waiting for supply",
        _ => throw new UnreachableException(),
    };
}
