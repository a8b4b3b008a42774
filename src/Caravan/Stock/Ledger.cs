namespace Caravan.Stock;

/// <summary>What a movement is. Feeds count (a figure) and adjust (a change); the rest are acts of ours.</summary>
internal enum MovementKind
{
    Receive,
    Reserve,
    Release,
    Pick,
    Ship,
    Return,
    Adjust,
    Transfer,
    Count,
    WriteOff,
    Hold,
    Grade,
}

/// <summary>One line of the ledger: what changed in a cell, and why. With its cell and kind, the cause is its key.</summary>
internal sealed record Movement(PartnerId Owner, ItemId Item, LocationId Location, MovementKind Kind, int OnHandDelta, int ReservedDelta, int HeldDelta, int PickedDelta, string Cause);

/// <summary>
/// The numbers of one stock cell and what each act makes of them. Nothing here is refused for want of stock but a
/// reservation: what has happened on the shelf has happened, and where reservations now exceed it, that is a shortfall.
/// </summary>
/// <param name="OnHand">Units there, never below 0.</param>
/// <param name="Reserved">Units promised to orders.</param>
/// <param name="Held">Units there that must not be sold: returned goods waiting to be graded, lots on hold.</param>
/// <param name="Safety">What is kept back because the shelf is never quite what the system says.</param>
/// <param name="Picked">Those of the reserved that are off the shelf already, in a tote or a bag.</param>
/// <param name="HasLots">Whether some of it was ever kept by lot.</param>
internal readonly record struct StockCellState(int OnHand, int Reserved, int Held, Safety Safety = default, int Picked = 0, bool HasLots = false)
{
    /// <summary>The most units one cell may hold; beyond it somebody has typed a barcode into a quantity.</summary>
    public const int OnHandMax = 1_000_000_000;

    /// <summary>Units kept back.</summary>
    public int Buffer => Safety.Of(OnHand);

    /// <summary>What may still be reserved now.</summary>
    public int Sellable => (int)Math.Max(0, (long)OnHand - Reserved - Held - Buffer);

    /// <summary>By how much reservations exceed what is there for them.</summary>
    public int Shortfall => Math.Max(0, Reserved - Math.Max(0, OnHand - Held));

    public StockCellState Receive(int quantity) => this with { OnHand = checked(OnHand + quantity) };

    public StockCellState Reserve(int quantity) => this with { Reserved = checked(Reserved + quantity) };

    public StockCellState Release(int quantity) => this with { Reserved = Unreserve(quantity) };

    /// <summary>Units go from the shelf into a tote: still here, still reserved.</summary>
    public StockCellState Pick(int quantity) => this with { Picked = checked(Picked + quantity) };

    /// <summary>Units go from a tote back to the shelf.</summary>
    public StockCellState PutBack(int quantity) => this with { Picked = Math.Max(0, Picked - quantity) };

    /// <summary>Goods that left were there, whatever the book says: on hand stops at 0.</summary>
    public StockCellState Ship(int quantity) => WriteOff(quantity).PutBack(quantity);

    public StockCellState WriteOff(int quantity) => WriteOff(quantity, quantity);

    /// <summary>Reserved units cannot be picked; only some of them are gone from the shelf.</summary>
    public StockCellState WriteOff(int quantity, int gone) => this with { OnHand = Math.Max(0, OnHand - gone), Reserved = Unreserve(quantity) };

    /// <summary>Units leave for another location, or come from one: only what is neither reserved nor held may leave.</summary>
    public StockCellState Transfer(int change) => this with { OnHand = checked(OnHand + change) };

    /// <summary>Units that nobody waits for and that may be sold; the buffer is kept back from customers, not from the owner.</summary>
    public int Free => (int)Math.Max(0, (long)OnHand - Reserved - Held);

    public StockCellState Return(int quantity, bool isRestocked) =>
        this with { OnHand = checked(OnHand + quantity), Held = isRestocked ? Held : checked(Held + quantity) };

    /// <summary>Units that came back are graded: they may be sold, or they are gone from the shelf.</summary>
    public StockCellState Settle(int held, int gone) => this with { OnHand = Math.Max(0, OnHand - gone), Held = Math.Max(0, Held - held) };

    public StockCellState Count(int onHand) => this with { OnHand = Math.Max(0, onHand) };

    /// <summary>The ledger's line for what became of the cell.</summary>
    public Movement MovementTo(StockCellState after, StockKey key, MovementKind kind, string cause) =>
        new(key.Owner, key.Item, key.Location, kind, after.OnHand - OnHand, after.Reserved - Reserved, after.Held - Held, after.Picked - Picked, cause);

    private int Unreserve(int quantity) => quantity <= Reserved
        ? Reserved - quantity
        : throw new InvalidOperationException($"Only {Reserved} are reserved here; {quantity} cannot leave or be released. The caller keeps its own count of what it reserved.");
}

/// <summary>Which cell. In key order, so that servers that lock several never wait for each other in a circle.</summary>
internal readonly record struct StockKey(PartnerId Owner, ItemId Item, LocationId Location) : IComparable<StockKey>
{
    public static StockKey Of(StockTake take) => new(take.Owner, take.Item, take.Location);

    public int CompareTo(StockKey other)
    {
        var order = Owner.CompareTo(other.Owner);
        if (order == 0)
            order = Item.CompareTo(other.Item);
        return order != 0 ? order : Location.CompareTo(other.Location);
    }

    /// <summary>Takes in key order; a take of nothing or a cell named twice is the caller's mistake.</summary>
    public static List<StockTake> InOrder(IReadOnlyCollection<StockTake> takes)
    {
        var ordered = takes.OrderBy(Of).ToList();
        for (var i = 0; i < ordered.Count; i++)
        {
            if (ordered[i].Quantity <= 0)
                throw new ArgumentException($"A take is of one unit or more, not of {ordered[i].Quantity}.", nameof(takes));
            if (i > 0 && Of(ordered[i]) == Of(ordered[i - 1]))
                throw new ArgumentException("A cell stands in the list twice: add its takes up.", nameof(takes));
        }

        return ordered;
    }
}
