using System.Collections.Frozen;
using Caravan.Network;
using Caravan.Platform.Idempotency;
using Caravan.Stock;

namespace Caravan.Orders.Desk;

/// <summary>How an order came out of the desk: its own outcome, or the answer that its key was given before.</summary>
internal sealed record DeskOutcome(PlaceOutcome? Outcome, KeptAnswer? Kept = null, bool IsKeyReused = false);

/// <summary>
/// An order on its way through the desk. It comes planned on what is remembered; the desk decides it on what is. What was
/// decided before (a fault, a promise that has run out) stands, unless the request turns out to be a repeated one.
/// </summary>
internal sealed class DeskOrder(OrderRequest request, IReadOnlyList<OrderLine> lines, Location? station, KeyedRequest? keyed)
{
    private readonly TaskCompletionSource<DeskOutcome> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public OrderRequest Request { get; } = request;

    /// <summary>The span of the request that brought it.</summary>
    public System.Diagnostics.ActivityContext Trace { get; } = System.Diagnostics.Activity.Current?.Context ?? default;

    public IReadOnlyList<OrderLine> Lines { get; } = lines;

    public Location? Station { get; } = station;

    public KeyedRequest? Keyed { get; } = keyed;

    /// <summary>The services to try, in this order.</summary>
    public required IReadOnlyList<DeliveryService> Services { get; init; }

    /// <summary>The one currency of its lines.</summary>
    public required string Currency { get; init; }

    /// <summary>What was promised: nothing is planned that would come later.</summary>
    public DateTimeOffset? Promised { get; init; }

    /// <summary>Lines of items that are not out yet, and from when they may be had: they wait for supply.</summary>
    public IReadOnlyDictionary<int, DateTimeOffset> Ahead { get; init; } = FrozenDictionary<int, DateTimeOffset>.Empty;

    /// <summary>Lines that wait for supply when stock has run out.</summary>
    public IReadOnlySet<int> MayWait { get; init; } = FrozenSet<int>.Empty;

    /// <summary>What stands already.</summary>
    public PlaceOutcome? Decided { get; init; }

    /// <summary>As it came: planned on what is remembered, if it could be.</summary>
    public ReadyOrder? Prepared { get; init; }

    /// <summary>Ready to be stored, if what it was planned on holds.</summary>
    public ReadyOrder? Ready { get; set; }

    /// <summary>What is taken off the remembered stock for it.</summary>
    public IReadOnlyList<StockTake> Planned { get; set; } = [];

    /// <summary>Off which shelves.</summary>
    public IReadOnlyList<Shelf?> PlannedOn { get; set; } = [];

    /// <summary>What the transaction made of it; told once that is on disk.</summary>
    public DeskOutcome? Outcome { get; set; }

    public Task<DeskOutcome> Answer => answered.Task;

    public void Tell() => answered.TrySetResult(Outcome ?? throw new InvalidOperationException($"Order {Request.Number} left the desk undecided."));

    public void Fail(Exception fault) => answered.TrySetException(fault);
}

/// <summary>An order with its plan and everything that is written for it, made before the transaction.</summary>
internal sealed record ReadyOrder(Order Order, Plan.Made Plan, byte[] Note, KeptAnswer? Answer)
{
    /// <summary>What it takes from where.</summary>
    public IReadOnlyList<StockTake> Takes { get; } = [.. Plan.Nodes.SelectMany(node => node.Takes, (node, take) => take.At(node.Location.Id))];
}
