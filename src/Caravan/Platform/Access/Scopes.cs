using System.Collections.Frozen;
using System.Numerics;

namespace Caravan.Platform.Access;

/// <summary>The parts of Caravan that a key is let into, each for reading and for writing.</summary>
public static class Area
{
    /// <summary>Companies and agreements.</summary>
    public const string Partners = "partners";

    /// <summary>Items.</summary>
    public const string Catalog = "catalog";

    /// <summary>Regions, locations and their hours.</summary>
    public const string Network = "network";

    /// <summary>Stock: cells, lots, feeds, quotas, safety stock, transfers, stop-sells.</summary>
    public const string Stock = "stock";

    /// <summary>Promises, reservations, orders, dated supply, and the rules they are sourced by.</summary>
    public const string Orders = "orders";

    /// <summary>Pick lists, labels and stations.</summary>
    public const string Fulfilment = "fulfilment";

    /// <summary>Couriers and their jobs.</summary>
    public const string Delivery = "delivery";

    /// <summary>Returns.</summary>
    public const string Returns = "returns";

    /// <summary>Trading partners' messages.</summary>
    public const string Edi = "edi";

    /// <summary>Routes for vehicles of one's own.</summary>
    public const string Routing = "routing";

    /// <summary>Boards, figures and the inbox.</summary>
    public const string Operations = "operations";

    /// <summary>Access keys.</summary>
    public const string Keys = "keys";
}

/// <summary>
/// What a key may do, as a set of named scopes: <c>orders:read</c>, <c>orders:write</c>, and so for each <see cref="Area"/>. In the
/// store and on the wire it is the names; a key for which none are stated may do all, also what comes later.
/// </summary>
public readonly record struct Scopes
{
    private static readonly string[] Names =
    [
        .. from area in (string[])[Area.Partners, Area.Catalog, Area.Network, Area.Stock, Area.Orders, Area.Fulfilment, Area.Delivery, Area.Returns, Area.Edi, Area.Routing, Area.Operations, Area.Keys]
           from act in (string[])["read", "write"]
           select $"{area}:{act}",
    ];

    private static readonly FrozenDictionary<string, int> Places = Names.Select((name, place) => (name, place)).ToFrozenDictionary(one => one.name, one => one.place);

    private readonly ulong bits;

    private Scopes(ulong bits) => this.bits = bits;

    /// <summary>Everything.</summary>
    public static Scopes All { get; } = new(ulong.MaxValue);

    /// <summary>The names of all scopes there are.</summary>
    public static IReadOnlyList<string> Known => Names;

    /// <summary>Whether it is everything, also what comes later.</summary>
    public bool IsAll => bits == ulong.MaxValue;

    /// <summary>Its names, in the order of <see cref="Known"/>.</summary>
    public IEnumerable<string> Stated
    {
        get
        {
            for (var left = bits & ((1UL << Names.Length) - 1); left != 0; left &= left - 1)
                yield return Names[BitOperations.TrailingZeroCount(left)];
        }
    }

    /// <summary>One scope.</summary>
    /// <exception cref="ArgumentException">There is no such area.</exception>
    public static Scopes Of(string area, bool isWrite) =>
        TryParse($"{area}:{(isWrite ? "write" : "read")}", out var scope) ? scope : throw new ArgumentException($"There is no area '{area}'.", nameof(area));

    /// <summary>One scope by its name.</summary>
    public static bool TryParse(string name, out Scopes scope)
    {
        var isKnown = Places.TryGetValue(name, out var place);
        scope = isKnown ? new Scopes(1UL << place) : default;
        return isKnown;
    }

    /// <summary>Reads names with spaces between them; those that are not known any more allow nothing. No text: everything.</summary>
    public static Scopes Read(string? names) =>
        names is null ? All : names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Aggregate(default(Scopes), (all, name) => TryParse(name, out var scope) ? all | scope : all);

    /// <summary>Whether all of <paramref name="others"/> are among these.</summary>
    public bool Includes(Scopes others) => (others.bits & ~bits) == 0;

    /// <summary>What is in either.</summary>
    public static Scopes operator |(Scopes one, Scopes other) => new(one.bits | other.bits);

    /// <summary>What is in both.</summary>
    public static Scopes operator &(Scopes one, Scopes other) => new(one.bits & other.bits);

    /// <summary>As the store keeps it; null when it is everything.</summary>
    public string? Written => IsAll ? null : ToString();

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Stated);
}
