using Caravan.Stock;

namespace Caravan.Orders.Holds;

/// <summary>What became of a hold.</summary>
public enum HoldState
{
    /// <summary>Its goods are reserved until it expires.</summary>
    Held,

    /// <summary>An order has taken its goods.</summary>
    Ordered,

    /// <summary>It was given back.</summary>
    Released,

    /// <summary>Its time ran out.</summary>
    Expired,

    /// <summary>Its stock fell short: what is left goes to those who have ordered.</summary>
    Withdrawn,
}

/// <summary>Some of a line, from one owner's stock at one location.</summary>
public sealed record HoldTake(int Line, LocationId Location, PartnerId Owner, ItemId Item, int Quantity);

/// <summary>One line of a hold, from 1.</summary>
public sealed record HoldLine(int Line, ItemId Item, string Sku, int Quantity);

/// <summary>Goods reserved for a cart until a time. It is settled once: ordered, released, expired or withdrawn.</summary>
public sealed record Hold
{
    /// <summary>Seller of record.</summary>
    public required PartnerId Seller { get; init; }

    /// <summary>Its id.</summary>
    public required HoldId Id { get; init; }

    /// <summary>What became of it.</summary>
    public HoldState State { get; init; }

    /// <summary>Until when it holds.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was settled.</summary>
    public DateTimeOffset? SettledAt { get; init; }

    /// <summary>The order that took its goods.</summary>
    public OrderId? Order { get; init; }

    /// <summary>What is held.</summary>
    public required IReadOnlyList<HoldLine> Lines { get; init; }

    /// <summary>From where.</summary>
    public required IReadOnlyList<HoldTake> Takes { get; init; }

    /// <summary>The cause of its movements.</summary>
    internal string Cause => $"hold {Id}";

    /// <summary>What each cell has reserved for it.</summary>
    internal IReadOnlyList<StockTake> Cells => [.. Takes.GroupBy(take => (take.Owner, take.Item, take.Location)).Select(cell => new StockTake(cell.Key.Owner, cell.Key.Item, cell.Key.Location, cell.Sum(take => take.Quantity)))];
}

/// <summary>How holding went.</summary>
public abstract record HoldOutcome
{
    private HoldOutcome()
    {
    }

    /// <summary>As it is now.</summary>
    public sealed record Done(Hold Hold) : HoldOutcome;

    /// <summary>The goods cannot be had, and why, and what is left where.</summary>
    public sealed record Refused(PlaceOutcome.Refused Why) : HoldOutcome;

    /// <summary>The request has faults.</summary>
    public sealed record Faulty(IReadOnlyList<Platform.Problems.Fault> Faults) : HoldOutcome;

    /// <summary>It is settled, or its time is over.</summary>
    public sealed record Gone(Hold Hold) : HoldOutcome;

    /// <summary>There is no such hold.</summary>
    public sealed record Unknown : HoldOutcome;
}
