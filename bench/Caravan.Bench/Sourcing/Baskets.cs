using Caravan.Bench.Orders;
using Caravan.Engines.Geo;
using Caravan.Engines.Sourcing;

namespace Caravan.Bench.Sourcing;

/// <summary>
/// Orders of the bench world as the engine is asked about them: all 1,800 locations are candidates, of which those whose
/// service area does not reach the customer are blocked. Half of the baskets lie together at some location near the customer,
/// as goods of one kind of shop do; of the others each line is picked by itself, so that most must be split.
/// </summary>
internal sealed class Baskets
{
    private const int ReadySeconds = 3_600;
    private const int DaySeconds = 86_400;
    private const int NodesMax = 6;
    private const int StoreMetres = 60_000;
    private const int WarehouseMetres = 400_000;
    private const int Hour = 12;
    private readonly BenchWorld world;
    private readonly SplitMix random;
    private readonly List<int>[] placesOf = new List<int>[BenchWorld.Items];

    public Baskets(BenchWorld world, ulong seed)
    {
        this.world = world;
        random = new SplitMix(seed);
        for (var item = 0; item < placesOf.Length; item++)
            placesOf[item] = [];
        foreach (var (place, item, _) in world.Cells())
            placesOf[item].Add(place);
    }

    public SourcingProblem Next(int lineCount, bool isTogether, bool withVerdicts)
    {
        var home = random.Below(world.Places.Length);
        var items = new HashSet<int>(lineCount);
        while (items.Count < lineCount)
            items.Add(isTogether ? world.ItemsAt(home)[random.Below(world.ItemsAt(home).Length)] : random.Below(BenchWorld.Items - BenchWorld.HotItems));

        var to = new GeoPoint(world.Places[home].Latitude, world.Places[home].Longitude);
        var sellable = new int[world.Places.Length * lineCount];
        foreach (var (line, item) in items.Index())
        {
            foreach (var place in placesOf[item])
                sellable[(place * lineCount) + line] = BenchWorld.PlentyUnits;
        }

        return new SourcingProblem
        {
            Lines = [.. items.Select(_ => new DemandLine(1 + random.Below(3), 0))],
            Candidates = [.. world.Places.Select(place => CandidateOf(place, to))],
            Sellable = sellable,
            DeadlineSeconds = DaySeconds,
            MaxNodes = NodesMax,
            WithVerdicts = withVerdicts,
        };
    }

    private static Candidate CandidateOf(BenchLocation place, GeoPoint to)
    {
        var from = new GeoPoint(place.Latitude, place.Longitude);
        var isReached = GreatCircle.Metres(from, to) <= (place.IsWarehouse ? WarehouseMetres : StoreMetres);
        return new Candidate(TravelEstimate.Between(from, to, VehicleKind.Van, Hour).Seconds, ReadySeconds, 1, isReached ? Obstacle.None : Obstacle.OutsideServiceArea);
    }
}
