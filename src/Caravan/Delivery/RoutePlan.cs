using Caravan.Engines.Dispatch;
using Caravan.Engines.Geo;
using Caravan.Network;

namespace Caravan.Delivery;

/// <summary>Turns couriers, stops and jobs into what the engines read: seconds since <c>now</c>, and matrices of travel times.</summary>
internal sealed class RoutePlan(NetworkSnapshot network, TravelTimes travel, DateTimeOffset now)
{
    /// <summary>To find the shelf, check the label and sign.</summary>
    public const int PickupSeconds = 120;

    /// <summary>To park, ring, climb and hand over.</summary>
    public const int DropoffSeconds = 150;

    /// <summary>Vans carry a morning's round, all others a handful of parcels.</summary>
    public const int VanStopsMax = 40;

    public const int RiderStopsMax = 12;

    public static int StopsMax(VehicleKind vehicle) => vehicle is VehicleKind.Van or VehicleKind.Truck ? VanStopsMax : RiderStopsMax;

    /// <summary>Where a stop is; null when its location is no longer in the network.</summary>
    public GeoPoint? PointOf(StopState stop) => stop.Kind == RouteStopKind.Dropoff ? stop.Job.Destination : network.Find(stop.Job.Origin)?.Point;

    /// <summary>When a courier reaches each stop of a route, from where the courier is now.</summary>
    public IReadOnlyList<DateTimeOffset> Arrivals(Courier courier, IReadOnlyList<StopState> stops)
    {
        var points = PointsOf(courier, stops);
        var count = points.Count;
        var matrix = new int[count * count];
        for (var leg = 0; leg + 1 < count; leg++)
            matrix[(leg * count) + leg + 1] = Seconds(points[leg], points[leg + 1], courier.Vehicle); // Only the legs in order are read.

        var times = RouteClock.Arrivals(0, StopsOf(stops), matrix, count);
        return [.. times.Select(time => now.AddSeconds(time.ArrivalSecond))];
    }

    /// <summary>Travel times between where the courier is (place 0) and the stops (from place 1 on), row by row.</summary>
    public int[] Matrix(Courier courier, IReadOnlyList<StopState> stops) => MatrixOf(PointsOf(courier, stops), courier.Vehicle);

    /// <summary>The stops as the engines see them.</summary>
    public Stop[] StopsOf(IReadOnlyList<StopState> stops) => [.. stops.Select((stop, index) => StopOf(stop.Job, KindOf(stop), index))];

    /// <summary>A courier as the engine sees one, with room in the matrix for a new job.</summary>
    public CourierRoute RouteFor(int index, Courier courier, IReadOnlyList<StopState> stops, DateTimeOffset shiftEnd, JobState job, GeoPoint origin, CourierObstacle obstacles)
    {
        var points = PointsOf(courier, stops);
        points.Add(origin);
        points.Add(job.Destination);
        var matrix = MatrixOf(points, courier.Vehicle);
        var waitingPickups = stops.Where(stop => stop.Kind == RouteStopKind.Pickup).Select(stop => stop.Job.Id).ToHashSet();
        return new CourierRoute(
            index,
            0,
            SecondOf(shiftEnd),
            courier.CapacityGrams,
            stops.Where(stop => stop.Kind != RouteStopKind.Pickup && !waitingPickups.Contains(stop.Job.Id)).Sum(stop => stop.Job.WeightGrams),
            courier.TemperatureMask,
            StopsOf(stops),
            matrix,
            obstacles);
    }

    /// <summary>A job that waits, as the engine sees it.</summary>
    public NewJob NewJobOf(JobState job, int number) =>
        new(StopOf(job, StopKind.Pickup, number), StopOf(job, StopKind.Dropoff, number), (int)job.TemperatureClass);

    public int Seconds(GeoPoint from, GeoPoint to, VehicleKind vehicle) => Math.Min(travel.Between(from, to, vehicle, now).Seconds, RouteClock.LegSecondsMax);

    private int[] MatrixOf(List<GeoPoint> points, VehicleKind vehicle)
    {
        var count = points.Count;
        var matrix = new int[count * count];
        for (var from = 0; from < count; from++)
        {
            for (var to = 0; to < count; to++)
                matrix[(from * count) + to] = from == to ? 0 : Seconds(points[from], points[to], vehicle);
        }

        return matrix;
    }

    private Stop StopOf(JobState job, StopKind kind, int number) => kind == StopKind.Pickup
        ? new Stop(number, kind, Math.Max(0, SecondOf(job.CollectableAt)), int.MaxValue, PickupSeconds, job.WeightGrams)
        : new Stop(number, kind, 0, job.Status == JobStatus.Failed ? int.MaxValue : SecondOf(job.DueAt), DropoffSeconds, job.WeightGrams);

    private static StopKind KindOf(StopState stop) => stop.Kind == RouteStopKind.Pickup ? StopKind.Pickup : StopKind.Dropoff;

    private List<GeoPoint> PointsOf(Courier courier, IReadOnlyList<StopState> stops) =>
        [courier.Point, .. stops.Select(stop => PointOf(stop) ?? courier.Point)];

    public int SecondOf(DateTimeOffset instant) => (int)Math.Clamp((instant - now).TotalSeconds, -RouteClock.MomentMax, RouteClock.MomentMax);
}
