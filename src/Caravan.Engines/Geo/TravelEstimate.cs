namespace Caravan.Engines.Geo;

/// <summary>What carries the parcel.</summary>
public enum VehicleKind
{
    /// <summary>On foot.</summary>
    Foot,

    /// <summary>Bicycle or cargo bicycle.</summary>
    Bicycle,

    /// <summary>Scooter or moped.</summary>
    Scooter,

    /// <summary>Car or van.</summary>
    Van,

    /// <summary>Truck.</summary>
    Truck,
}

/// <summary>A way and how long it takes.</summary>
/// <param name="Metres">Along the road.</param>
/// <param name="Seconds">On the road, without loading, parking or stairs.</param>
public readonly record struct Travel(int Metres, int Seconds);

/// <summary>
/// Guesses how long a trip takes where no road map is at hand: the straight line, made longer because streets turn,
/// divided by what such a vehicle usually manages at that hour.
/// <para>
/// Method: the great circle is cut into three bands, and each band has a detour factor and a speed: the first 5 km run through
/// town, the next 25 km over main roads, and what lies beyond 30 km over motorways. Van and truck speed up from band
/// to band; scooters a little; the others keep one speed. Traffic slows town and main roads by the hour, and motorways by half as much.
/// Since the bands follow one another without a jump, a longer line never takes less time, and both directions take the same.
/// </para>
/// <para>
/// The factors are assumptions of ours, of the order that studies of road detours (1.2 to 1.4) and city averages report;
/// they are fitted to no city, know no rivers, ferries or mountains, and should give way to a road router where there is one.
/// </para>
/// <para>Constant time, no allocation, any thread. Throws <see cref="ArgumentOutOfRangeException"/> for an hour or vehicle that does not exist.</para>
/// </summary>
public static class TravelEstimate
{
    private const int MatrixSquare = 64;
    private const double TownMetres = 5_000;
    private const double LongHaulMetres = 30_000;

    // Road metres per metre of straight line.
    private const double TownDetour = 1.35;
    private const double MainRoadDetour = 1.30;
    private const double MotorwayDetour = 1.20;

    /// <summary>Estimates the way from one place to another.</summary>
    /// <param name="from">Start.</param>
    /// <param name="to">End.</param>
    /// <param name="vehicle">What travels.</param>
    /// <param name="localHour">The hour on the clock there, 0 to 23.</param>
    public static Travel Between(GeoPoint from, GeoPoint to, VehicleKind vehicle, int localHour) => Along(GreatCircle.Metres(from, to), vehicle, localHour);

    /// <summary>Estimates a way from the straight line it follows.</summary>
    /// <param name="line">The great circle's metres.</param>
    /// <param name="vehicle">What travels.</param>
    /// <param name="localHour">The hour on the clock there, 0 to 23.</param>
    public static Travel Along(int line, VehicleKind vehicle, int localHour)
    {
        if (localHour is < 0 or > 23)
            throw new ArgumentOutOfRangeException(nameof(localHour), localHour, "The hour lies from 0 to 23.");
        ArgumentOutOfRangeException.ThrowIfNegative(line);

        var town = TownDetour * Math.Min(line, TownMetres);
        var mainRoad = MainRoadDetour * Math.Clamp(line - TownMetres, 0, LongHaulMetres - TownMetres);
        var motorway = MotorwayDetour * Math.Max(0, line - LongHaulMetres);

        var speed = SpeedsOf(vehicle);
        var traffic = 1 - speed.TrafficShare * (1 - TrafficAt(localHour));
        var motorwayTraffic = (1 + traffic) / 2;
        var hours = (town / (speed.Town * traffic) + mainRoad / (speed.MainRoad * traffic) + motorway / (speed.Motorway * motorwayTraffic)) / 1000;
        return new Travel((int)Math.Round(town + mainRoad + motorway), (int)Math.Ceiling(hours * 3600));
    }

    /// <summary>
    /// Estimates all ways between places: <c>value[from * count + to]</c>. Every number is that of <see cref="Between"/>, but for a rounding to the
    /// other side (a metre, a second). A thousand places take some milliseconds.
    /// </summary>
    /// <param name="points">The places.</param>
    /// <param name="vehicle">What travels.</param>
    /// <param name="localHour">The hour on the clock there, 0 to 23.</param>
    public static (int[] Seconds, int[] Metres) Matrix(ReadOnlySpan<GeoPoint> points, VehicleKind vehicle, int localHour)
    {
        if (localHour is < 0 or > 23)
            throw new ArgumentOutOfRangeException(nameof(localHour), localHour, "The hour lies from 0 to 23.");
        var speed = SpeedsOf(vehicle);
        var traffic = 1 - speed.TrafficShare * (1 - TrafficAt(localHour));
        var (town, mainRoad, motorway) = (3.6 / (speed.Town * traffic), 3.6 / (speed.MainRoad * traffic), 3.6 / (speed.Motorway * ((1 + traffic) / 2)));
        var (x, y, z) = (new double[points.Length], new double[points.Length], new double[points.Length]);
        for (var i = 0; i < points.Length; i++)
        {
            var (sinLatitude, cosLatitude) = Math.SinCos(double.DegreesToRadians(points[i].Latitude));
            var (sinLongitude, cosLongitude) = Math.SinCos(double.DegreesToRadians(points[i].Longitude));
            (x[i], y[i], z[i]) = (cosLatitude * cosLongitude, cosLatitude * sinLongitude, sinLatitude);
        }

        var (seconds, metres) = (new int[points.Length * points.Length], new int[points.Length * points.Length]);

        // Square by square, so that what is written down the columns stays in the cache until its lines are full.
        for (var rows = 0; rows < points.Length; rows += MatrixSquare)
        {
            for (var columns = rows; columns < points.Length; columns += MatrixSquare)
            {
                for (var a = rows; a < Math.Min(rows + MatrixSquare, points.Length); a++)
                {
                    for (var b = Math.Max(a + 1, columns); b < Math.Min(columns + MatrixSquare, points.Length); b++)
                    {
                        var (dx, dy, dz) = (x[a] - x[b], y[a] - y[b], z[a] - z[b]);
                        var line = Math.Round(2 * GreatCircle.EarthRadiusMetres * ArcSine(Math.Sqrt(dx * dx + dy * dy + dz * dz) / 2));
                        var inTown = TownDetour * Math.Min(line, TownMetres);
                        var onMainRoad = MainRoadDetour * Math.Clamp(line - TownMetres, 0, LongHaulMetres - TownMetres);
                        var onMotorway = MotorwayDetour * Math.Max(0, line - LongHaulMetres);
                        metres[a * points.Length + b] = metres[b * points.Length + a] = (int)Math.Round(inTown + onMainRoad + onMotorway);
                        seconds[a * points.Length + b] = seconds[b * points.Length + a] = (int)Math.Ceiling(inTown * town + onMainRoad * mainRoad + onMotorway * motorway);
                    }
                }
            }
        }

        return (seconds, metres);
    }

    /// <summary>The series as far as it counts: below 0.05 (600 km) what is left out is less than a millimetre.</summary>
    private static double ArcSine(double x)
    {
        var square = x * x;
        return x < 0.05 ? x * (1 + square * (1.0 / 6 + square * (3.0 / 40 + square * (15.0 / 336)))) : Math.Asin(Math.Min(1, x));
    }

    /// <summary>Free-flowing speeds in km/h, stops at lights included, and how much of the traffic's slowness the vehicle shares.</summary>
    private static (double Town, double MainRoad, double Motorway, double TrafficShare) SpeedsOf(VehicleKind vehicle) => vehicle switch
    {
        VehicleKind.Foot => (4.8, 4.8, 4.8, 0),
        VehicleKind.Bicycle => (15, 15, 15, 0),
        VehicleKind.Scooter => (27, 35, 35, 0.4),
        VehicleKind.Van => (28, 50, 95, 1),
        VehicleKind.Truck => (22, 42, 75, 1),
        _ => throw new ArgumentOutOfRangeException(nameof(vehicle), vehicle, "No such vehicle."),
    };

    /// <summary>What traffic leaves of the free-flowing speed.</summary>
    private static double TrafficAt(int localHour) => localHour switch
    {
        7 or 8 or 16 or 17 or 18 => 0.65,
        6 or 9 or 15 or 19 => 0.80,
        >= 10 and <= 14 => 0.85,
        20 or 21 => 0.95,
        _ => 1.0,
    };
}
