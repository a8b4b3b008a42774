using Caravan.Engines.Geo;
using Caravan.Engines.Routing;

namespace Caravan.Bench.Routing;

/// <summary>
/// A made-up city whose stops lie in clusters, seeded: vans from one depot, a day of ten hours, a parcel of goods and four minutes a stop; every third
/// customer is at home in the forenoon or the afternoon only.
/// </summary>
internal sealed class City
{
    private const int Clusters = 60;
    private const int DayStart = 8 * 3600;
    private const int DayEnd = 18 * 3600;
    private const int Noon = 13 * 3600;
    private const int Forenoon = 11;
    private const double RadiusDegrees = 0.12;
    private const double ClusterDegrees = 0.008;
    private static readonly GeoPoint Depot = new(31.23, 121.47);

    private readonly GeoPoint[] _points;

    public City(int seed, int stops)
    {
        var random = new Random(seed);
        var centres = Enumerable.Range(0, Clusters).Select(_ => Beside(random, Depot, RadiusDegrees)).ToArray();
        _points = [Depot, .. Enumerable.Range(0, stops).Select(_ => Beside(random, centres[random.Next(Clusters)], ClusterDegrees))];
        Jobs =
        [
            .. Enumerable.Range(1, stops).Select(place => new RoutingJob
            {
                Id = place,
                Place = place,
                ServiceSeconds = 240,
                Delivery = [1 + random.Next(3)],
                Windows = random.Next(6) switch
                {
                    0 => [new RoutingWindow(DayStart, Noon)],
                    1 => [new RoutingWindow(Noon, DayEnd)],
                    _ => [],
                },
            }),
        ];
    }

    public IReadOnlyList<RoutingJob> Jobs { get; }

    /// <summary>The ways between all places, depot first.</summary>
    public TravelMatrix Travel()
    {
        var (seconds, _) = TravelEstimate.Matrix(_points, VehicleKind.Van, Forenoon);
        return new TravelMatrix(_points.Length, seconds, seconds);
    }

    /// <summary>The first so many stops, with so many vans that hold so many times what all there are need.</summary>
    public RoutingProblem Problem(TravelMatrix travel, int stops, int vehicles, double spare) => new()
    {
        Travel = [travel],
        Jobs = [.. Jobs.Take(stops)],
        Vehicles =
        [
            .. Enumerable.Range(0, vehicles).Select(id => new RoutingVehicle
            {
                Id = id,
                StartPlace = 0,
                EndPlace = 0,
                Shift = new RoutingWindow(DayStart, DayEnd),
                Capacity = [(int)(Jobs.Sum(job => job.Delivery[0]) * spare / vehicles) + 1],
            }),
        ],
    };

    private static GeoPoint Beside(Random random, GeoPoint centre, double degrees)
    {
        var (radius, angle) = (degrees * Math.Sqrt(-Math.Log(1 - random.NextDouble())), 2 * Math.PI * random.NextDouble());
        return new GeoPoint(centre.Latitude + radius * Math.Sin(angle), centre.Longitude + radius * Math.Cos(angle));
    }
}
