namespace Caravan.Orders.Supplies;

/// <summary>Where dated supply comes from.</summary>
public enum SupplyKind
{
    /// <summary>Ordered from a supplier.</summary>
    PurchaseOrder,

    /// <summary>On its way from another location.</summary>
    Transfer,

    /// <summary>Being made.</summary>
    Production,

    /// <summary>The first goods of an item that is sold ahead.</summary>
    PreorderLaunch,
}

/// <summary>Where dated supply stands.</summary>
public enum SupplyState
{
    /// <summary>Some of it is still to come.</summary>
    Expected,

    /// <summary>It has come, or no more of it will.</summary>
    Received,

    /// <summary>It does not come.</summary>
    Cancelled,
}

/// <summary>Goods of one item that are expected at a location at a date.</summary>
public sealed record Supply
{
    /// <summary>Whose.</summary>
    public required PartnerId Owner { get; init; }

    /// <summary>Its id.</summary>
    public required SupplyId Id { get; init; }

    /// <summary>Where it comes from.</summary>
    public required SupplyKind Kind { get; init; }

    /// <summary>Of what.</summary>
    public required ItemId Item { get; init; }

    /// <summary>Where it arrives.</summary>
    public required LocationId Location { get; init; }

    /// <summary>The owner's own number of it; with the item unique for ever.</summary>
    public required string Reference { get; init; }

    /// <summary>Where it stands.</summary>
    public SupplyState State { get; init; }

    /// <summary>How many in all.</summary>
    public required int Quantity { get; init; }

    /// <summary>How many have come.</summary>
    public int Received { get; init; }

    /// <summary>How many of those to come are reserved for orders that wait.</summary>
    public int Reserved { get; init; }

    /// <summary>When it is expected.</summary>
    public required DateTimeOffset ExpectedAt { get; init; }

    /// <summary>Since when it is known.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When nothing more of it was to come.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>How many are still to come.</summary>
    public int ToCome => State == SupplyState.Expected ? Quantity - Received : 0;

    /// <summary>How many of those are nobody's yet.</summary>
    public int Free => ToCome - Reserved;

    /// <summary>Takes units of a line from supplies, the earliest first: all of them, or none when they do not suffice.</summary>
    internal static IReadOnlyList<(Supply From, int Units)>? Take(IEnumerable<Supply> supplies, int units)
    {
        List<(Supply, int)> taken = [];
        foreach (var supply in supplies.Where(supply => supply.Free > 0).OrderBy(supply => supply.ExpectedAt).ThenBy(supply => supply.Id))
        {
            var some = Math.Min(units, supply.Free);
            if (some > 0)
                taken.Add((supply, some));
            units -= some;
        }

        return units > 0 ? null : taken;
    }
}

/// <summary>Units of an order's line that wait for supply.</summary>
/// <param name="Line">Which line.</param>
/// <param name="Supply">For which; none when what they waited for does not come, and nothing else is in sight.</param>
/// <param name="Item">The seller's item.</param>
/// <param name="Waiting">How many wait.</param>
/// <param name="Cancelled">How many were called off while they waited.</param>
public sealed record BackOrder(int Line, SupplyId? Supply, ItemId Item, int Waiting, int Cancelled = 0);
