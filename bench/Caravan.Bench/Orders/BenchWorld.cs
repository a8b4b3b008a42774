namespace Caravan.Bench.Orders;

/// <summary>A node of the bench world.</summary>
internal readonly record struct BenchLocation(string Code, string Region, bool IsWarehouse, double Latitude, double Longitude);

/// <summary>
/// The world that orders are placed in, the same for the same seed: a retailer with 10,000 items and 1,800 locations around
/// six cities of one delta, 360 km across, so that nearly every shelf is a candidate. Each item lies at 36 locations (2 %), a million units of it. The last items are the
/// hot ones: each lies at one warehouse only, a thousand units of it.
/// </summary>
internal sealed class BenchWorld
{
    public const int Items = 10_000;
    public const int HotItems = 5;

    /// <summary>Where the hot items lie: a warehouse.</summary>
    public const int HotPlace = 0;

    public const int HotUnits = 1_000;
    public const int PlentyUnits = 1_000_000;
    private const int Locations = 1_800;
    private const int LocationsAnItem = 36;
    private const int WarehousesACity = 10;
    private const double SpreadDegrees = 0.25; // Some 25 km each way.

    private static readonly (string Region, double Latitude, double Longitude)[] Cities =
    [
        ("east", 31.20, 121.40), ("lake", 31.32, 120.60), ("bay", 30.27, 120.15), ("river", 32.05, 118.80), ("port", 29.87, 121.55), ("north", 32.00, 120.88),
    ];

    private readonly int[][] itemsAt;

    public BenchWorld(ulong seed)
    {
        Name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"world-{seed}");
        var random = new SplitMix(seed);
        Places = new BenchLocation[Locations];
        for (var i = 0; i < Locations; i++)
        {
            var (region, latitude, longitude) = Cities[i % Cities.Length];
            Places[i] = new BenchLocation($"L{i:0000}", region, i / Cities.Length < WarehousesACity, latitude + Near(random), longitude + Near(random));
        }

        var shelves = new List<int>[Locations];
        for (var i = 0; i < Locations; i++)
            shelves[i] = [];
        for (var item = 0; item < Items - HotItems; item++)
        {
            for (var placed = 0; placed < LocationsAnItem;)
            {
                var shelf = shelves[random.Below(Locations)];
                if (shelf.Count > 0 && shelf[^1] == item)
                    continue; // This item lies there already.

                shelf.Add(item);
                placed++;
            }
        }

        itemsAt = [.. shelves.Select(shelf => shelf.ToArray())];
    }

    /// <summary>A name that no other world has.</summary>
    public string Name { get; }

    public BenchLocation[] Places { get; }

    public static IReadOnlyList<(string Name, double Latitude, double Longitude)> Regions => Cities;

    /// <summary>The items with plenty of stock at a location, ascending.</summary>
    public int[] ItemsAt(int place) => itemsAt[place];

    /// <summary>An item's SKU: seven characters, whatever the item.</summary>
    public static string Sku(int item) => $"B{item:000000}";

    public static int HotItem(int round) => Items - HotItems + round;

    /// <summary>Every cell of stock.</summary>
    public IEnumerable<(int Place, int Item, int Units)> Cells()
    {
        for (var place = 0; place < Places.Length; place++)
        {
            foreach (var item in itemsAt[place])
                yield return (place, item, PlentyUnits);
        }

        for (var round = 0; round < HotItems; round++)
            yield return (HotPlace, HotItem(round), HotUnits);
    }

    // More places in the middle of a city than at its rim.
    private static double Near(SplitMix random) => (random.Unit() + random.Unit() - 1) * SpreadDegrees;
}

/// <summary>Small, quick and repeatable random numbers: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).</summary>
internal sealed class SplitMix(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>0 up to <paramref name="count"/> − 1.</summary>
    public int Below(int count) => (int)(((Next() >> 32) * (ulong)count) >> 32);

    /// <summary>0 up to 1.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));
}
