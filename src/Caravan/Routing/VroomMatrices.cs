using System.Text.Json;
using Caravan.Engines.Geo;
using Caravan.Engines.Routing;

namespace Caravan.Routing;

/// <summary>The ways of each profile: as the client gives them, or estimated from coordinates.</summary>
internal sealed class VroomMatrices(VroomFields fields)
{
    private const int EstimateHour = 11; // A forenoon between the rushes.

    public bool HasDistances { get; private set; }

    /// <summary>Reads <c>matrices</c>, or the older <c>matrix</c>, for profiles in this order.</summary>
    public List<TravelMatrix> Read(JsonElement root, List<string> profiles)
    {
        List<TravelMatrix> travel = [];
        var matrices = VroomFields.Member(root, "matrices");
        if (matrices is { ValueKind: not JsonValueKind.Object })
            fields.Fault("/matrices", "An object with a member a profile is expected.");
        if (fields.Faults.Count > 0)
            return travel;
        foreach (var profile in profiles)
        {
            var at = $"/matrices/{profile}";
            if (matrices is not { } all)
            {
                travel.Add(Make("/matrix", Values(VroomFields.Member(root, "matrix")!.Value, "/matrix"), null, null, null)); // Without matrices there is a matrix.
            }
            else if (VroomFields.Member(all, profile) is not { ValueKind: JsonValueKind.Object } one)
            {
                fields.Fault(at, "The matrices of this profile are missing; a vehicle drives by it.");
            }
            else
            {
                var durations = VroomFields.Member(one, "durations") is { } seconds ? Values(seconds, $"{at}/durations") : null;
                var distances = VroomFields.Member(one, "distances") is { } metres ? Values(metres, $"{at}/distances") : null;
                var costs = VroomFields.Member(one, "costs") is { } money ? Values(money, $"{at}/costs") : null;
                HasDistances |= distances is not null;
                travel.Add(Make(at, durations, distances, costs, Traffic(one, at)));
            }
        }

        return travel;
    }

    /// <summary>Estimates ways between coordinates.</summary>
    public List<TravelMatrix> Estimate(List<GeoPoint> points, List<string> profiles)
    {
        List<TravelMatrix> travel = [];
        if (points.Count > RoutingProblem.PlacesMax)
            fields.Fault("/jobs", $"At most {RoutingProblem.PlacesMax} places.");
        foreach (var profile in profiles)
        {
            VehicleKind? kind = profile switch
            {
                "car" or "driving-car" or "van" => VehicleKind.Van,
                "truck" or "driving-hgv" or "hgv" => VehicleKind.Truck,
                "bike" or "bicycle" or "cycling-regular" => VehicleKind.Bicycle,
                "scooter" or "moped" => VehicleKind.Scooter,
                "foot" or "walking" or "foot-walking" => VehicleKind.Foot,
                _ => null,
            };
            if (kind is null)
                fields.Fault("/matrices", $"Without matrices the profiles car, truck, bike, scooter and foot can be estimated; give matrices for \"{profile}\".");
            if (fields.Faults.Count > 0)
                continue;
            var (seconds, metres) = TravelEstimate.Matrix([.. points], kind!.Value, EstimateHour); // Unknown ones have been refused.
            travel.Add(new TravelMatrix(points.Count, seconds, metres));
        }

        return travel;
    }

    private TravelMatrix Make(string at, int[]? durations, int[]? distances, int[]? costs, TrafficSpeeds? traffic)
    {
        if (durations is null)
        {
            fields.Fault($"{at}/durations", "A matrix of durations is expected.");
            durations = [];
        }

        var count = (int)Math.Sqrt(durations.Length);
        if (distances is not null && distances.Length != durations.Length)
            fields.Fault($"{at}/distances", $"As many rows and columns as durations have are expected: {count}.");
        if (costs is not null && costs.Length != durations.Length)
            fields.Fault($"{at}/costs", $"As many rows and columns as durations have are expected: {count}.");
        return new TravelMatrix(count, durations, distances ?? durations, traffic, costs);
    }

    /// <summary>A square of whole numbers, row by row.</summary>
    private int[] Values(JsonElement rows, string at)
    {
        if (rows.ValueKind != JsonValueKind.Array || rows.GetArrayLength() is 0 or > RoutingProblem.PlacesMax)
        {
            fields.Fault(at, $"A square of 1 to {RoutingProblem.PlacesMax} rows is expected.");
            return [];
        }

        var count = rows.GetArrayLength();
        var r = 0;
        foreach (var row in rows.EnumerateArray())
        {
            if (row.ValueKind != JsonValueKind.Array || row.GetArrayLength() != count)
            {
                fields.Fault($"{at}/{r}", $"A row of {count} values is expected, for there are {count} rows.");
                return [];
            }

            r++;
        }

        var values = new int[count * count];
        var i = 0;
        foreach (var row in rows.EnumerateArray())
        {
            foreach (var value in row.EnumerateArray())
            {
                if (VroomFields.Whole(value) is { } number && number >= 0 && number <= RoutingProblem.ArcMax)
                    values[i] = (int)number;
                else
                    fields.Fault($"{at}/{i / count}/{i % count}", $"A whole number from 0 to {RoutingProblem.ArcMax} is expected.");
                i++;
            }
        }

        return values;
    }

    private TrafficSpeeds? Traffic(JsonElement one, string at)
    {
        if (VroomFields.Member(one, "traffic") is not { } traffic)
            return null;
        var from = fields.List(traffic, $"{at}/traffic", "from").Select(VroomFields.Whole).ToList();
        if (from.Contains(null))
            fields.Fault($"{at}/traffic/from", "Whole numbers of seconds are expected.");
        return new TrafficSpeeds([.. from.Select(second => second ?? 0)], fields.Numbers(traffic, $"{at}/traffic", "permille"));
    }
}
