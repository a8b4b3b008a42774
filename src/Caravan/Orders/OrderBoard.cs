using System.Buffers.Binary;
using System.Diagnostics;
using Caravan.Platform.Storage;

namespace Caravan.Orders;

/// <summary>Which orders a list shows.</summary>
public enum OrderFilter
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>Something of it is still to come.</summary>
    Open,

    /// <summary>Something is still to come, and the promised time has passed.</summary>
    Late,

    /// <summary>Its stock has fallen short and no other node has it.</summary>
    AtRisk,

    /// <summary>Units were not on the shelf.</summary>
    Short,

    /// <summary>Nothing is to come, and something arrived.</summary>
    Delivered,

    /// <summary>All that was ordered has been called off.</summary>
    Cancelled,
}

/// <summary>How a seller's orders stand. Those placed are counted since an instant; those open, whenever they were placed.</summary>
public sealed record OrderTally
{
    /// <summary>Placed since then.</summary>
    public int Placed { get; init; }

    /// <summary>Of these, from more than one node.</summary>
    public int Split { get; init; }

    /// <summary>Of these, with units that were not on the shelf.</summary>
    public int Short { get; init; }

    /// <summary>Something is still to come.</summary>
    public int Open { get; init; }

    /// <summary>Open, and the promised time has passed.</summary>
    public int Late { get; init; }

    /// <summary>Open, and no node has what is missing.</summary>
    public int AtRisk { get; init; }
}

/// <summary>Orders counted and filtered, for boards.</summary>
public sealed class OrderBoard
{
    private const string IsOpen = "(EXISTS (SELECT 1 FROM allocations AS a WHERE a.tenant = orders.tenant AND a.order_id = orders.id AND a.reserved + a.released + a.picked + a.packed + a.shipped > 0) OR EXISTS (SELECT 1 FROM back_orders AS b WHERE b.tenant = orders.tenant AND b.order_id = orders.id AND b.waiting > 0))";
    private const string HasArrived = "EXISTS (SELECT 1 FROM allocations AS a WHERE a.tenant = orders.tenant AND a.order_id = orders.id AND a.delivered > 0)";
    private const string IsShort = "EXISTS (SELECT 1 FROM allocations AS a WHERE a.tenant = orders.tenant AND a.order_id = orders.id AND a.short > 0)";

    // The page's own, out of an index that holds no others: walking all orders for them takes longer with every year.
    private const string ShortOnes = "id IN (SELECT DISTINCT a.order_id FROM allocations AS a WHERE a.tenant = @seller AND a.short > 0 AND (@before IS NULL OR a.order_id < @before) ORDER BY a.order_id DESC LIMIT @count)";

    private const string IsCancelled = "NOT EXISTS (SELECT 1 FROM allocations AS a WHERE a.tenant = orders.tenant AND a.order_id = orders.id AND a.cancelled < a.quantity) AND NOT EXISTS (SELECT 1 FROM back_orders AS b WHERE b.tenant = orders.tenant AND b.order_id = orders.id AND b.waiting > 0)";

    /// <summary>A seller's orders, newest first, those before <paramref name="before"/>.</summary>
    public Task<IReadOnlyList<Order>> ListAsync(Db db, PartnerId seller, OrderFilter filter, OrderId? before, int count, DateTimeOffset now) =>
        OrderStore.ListAsync(db, seller, before, count, Condition(filter), now);

    /// <summary>Counts a seller's orders.</summary>
    public async Task<OrderTally> TallyAsync(Db db, PartnerId seller, DateTimeOffset since, DateTimeOffset now)
    {
        var placed = await db.FirstAsync<OrderTally>(
            $"""
            SELECT COUNT(*) AS placed,
                COALESCE(SUM(CASE WHEN (SELECT COUNT(DISTINCT a.location) FROM allocations AS a WHERE a.tenant = orders.tenant AND a.order_id = orders.id AND a.quantity > a.short + a.cancelled) > 1 THEN 1 ELSE 0 END), 0) AS split,
                COALESCE(SUM(CASE WHEN {IsShort} THEN 1 ELSE 0 END), 0) AS short
            FROM orders WHERE tenant = @seller AND id >= @first
            """,
            new { seller, first = FirstAt(since) });
        // What is open was placed lately: two weeks are kept in sight, so that the count stays quick after years.
        var open = await db.FirstAsync<OrderTally>(
            $"""
            SELECT COUNT(*) AS open,
                COALESCE(SUM(CASE WHEN promised_at < @now THEN 1 ELSE 0 END), 0) AS late,
                COALESCE(SUM(CASE WHEN is_at_risk = 1 THEN 1 ELSE 0 END), 0) AS at_risk
            FROM orders WHERE tenant = @seller AND id >= @first AND {IsOpen}
            """,
            new { seller, first = FirstAt(now.AddDays(-14)), now });
        return (placed ?? new OrderTally()) with { Open = open?.Open ?? 0, Late = open?.Late ?? 0, AtRisk = open?.AtRisk ?? 0 };
    }

    private static string Condition(OrderFilter filter) => filter switch
    {
        OrderFilter.All => "1 = 1",
        OrderFilter.Open => IsOpen,
        OrderFilter.Late => $"promised_at < @now AND {IsOpen}",
        OrderFilter.AtRisk => $"is_at_risk = 1 AND {IsOpen}",
        OrderFilter.Short => ShortOnes,
        OrderFilter.Delivered => $"{HasArrived} AND NOT {IsOpen}",
        OrderFilter.Cancelled => IsCancelled,
        _ => throw new UnreachableException(),
    };

    // Ids begin with their millisecond, so the first id of an instant finds the orders since then by the table's key.
    private static OrderId FirstAt(DateTimeOffset since)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)Math.Max(0, since.ToUnixTimeMilliseconds()) << 16);
        return new OrderId(new Guid(bytes, bigEndian: true));
    }
}
