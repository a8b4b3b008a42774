using System.Text.Json;
using Caravan.Engines.Geo;
using Caravan.Engines.Routing;

namespace Caravan.Routing;

/// <summary>
/// Reads a problem in VROOM's JSON (API of VROOM 1.15): jobs, shipments, vehicles, matrices, breaks, skills, priorities, steps to start from. Without
/// matrices ways are estimated from coordinates. Besides, Caravan's own keys, which VROOM would ignore: with jobs and shipments <c>prize</c>,
/// <c>compartment</c> and (jobs) <c>release</c>; with vehicles <c>max_duty</c>, <c>compartments</c>, <c>reload_indexes</c> or <c>reload_locations</c>,
/// <c>reloads_max</c>, <c>reload_seconds</c>, and with <c>steps</c> <c>frozen_steps</c>, <c>free_at</c>, <c>breaks_taken</c>; in a profile's matrices
/// <c>traffic</c> = {from: [second …], permille: [speed …]}; at the top <c>change_penalty</c> and <c>objective</c> ("cost" or "vehicles").
/// </summary>
internal sealed class VroomReader
{
    private readonly VroomFields _fields = new();
    private readonly List<GeoPoint> _points = [];
    private readonly Dictionary<GeoPoint, int> _pointIndex = [];
    private readonly List<VroomStop> _jobs = [];
    private readonly List<VroomStop> _pickups = [];
    private readonly List<VroomStop> _deliveries = [];
    private readonly List<VroomVehicle> _vehicles = [];
    private bool _hasMatrices;

    /// <summary>Reads a document; null when it has faults.</summary>
    public static VroomInput? Read(JsonElement root, out IReadOnlyList<RoutingFault> faults)
    {
        var reader = new VroomReader();
        VroomInput? input = null;
        if (root.ValueKind != JsonValueKind.Object)
            reader._fields.Fault("", "A problem is an object with vehicles, and jobs or shipments.");
        else
            input = reader.Read(root);
        faults = reader._fields.Faults;
        return faults.Count == 0 ? input : null;
    }

    private VroomInput? Read(JsonElement root)
    {
        var vehicles = _fields.Objects(root, "", "vehicles");
        var (jobs, shipments) = (_fields.Objects(root, "", "jobs"), _fields.Objects(root, "", "shipments"));
        if (vehicles.Length == 0)
            _fields.Fault("/vehicles", "Give at least one vehicle.");
        if (jobs.Length == 0 && shipments.Length == 0 && vehicles.Length > 0 && !root.TryGetProperty("jobs", out _) && !root.TryGetProperty("shipments", out _))
            _fields.Fault("/jobs", "Give jobs or shipments.");
        var profiles = vehicles.Select((vehicle, v) => _fields.Text(vehicle, $"/vehicles/{v}", "profile") ?? "car").ToList();
        var matrices = new VroomMatrices(_fields);
        _hasMatrices = VroomFields.Member(root, "matrices") is not null || VroomFields.Member(root, "matrix") is not null;
        if (_fields.Faults.Count > 0)
            return null;

        var engineJobs = jobs.Select((job, i) => Stop(job, $"/jobs/{i}", _jobs)).ToList();
        var engineShipments = shipments.Select((one, i) => Shipment(one, $"/shipments/{i}")).ToList();
        List<string> order = [.. profiles.Distinct()];
        var engineVehicles = vehicles.Select((one, v) => Vehicle(one, $"/vehicles/{v}", order.IndexOf(profiles[v]))).ToList();
        if (_fields.Faults.Count > 0)
            return null;

        var travel = _hasMatrices ? matrices.Read(root, order) : matrices.Estimate(_points, order);
        var standing = Standing(root, vehicles);
        var objective = _fields.Text(root, "", "objective");
        if (objective is not (null or "cost" or "vehicles"))
            _fields.Fault("/objective", "It is \"cost\" or \"vehicles\".");
        var limit = VroomFields.Member(root, "options") is { ValueKind: JsonValueKind.Object } options ? _fields.Number(options, "/options", "l", 0, 3600) : null;
        return new VroomInput
        {
            Problem = new RoutingProblem
            {
                Travel = travel,
                Vehicles = engineVehicles,
                Jobs = engineJobs,
                Shipments = engineShipments,
                Standing = standing,
                Objective = objective == "vehicles" ? RoutingObjective.VehiclesFirst : RoutingObjective.Cost,
            },
            Jobs = _jobs,
            Pickups = _pickups,
            Deliveries = _deliveries,
            Vehicles = _vehicles,
            HasMatrices = _hasMatrices,
            HasDistances = !_hasMatrices || matrices.HasDistances,
            LimitSeconds = limit,
        };
    }

    private RoutingJob Stop(JsonElement job, string at, List<VroomStop> told)
    {
        var id = _fields.Id(job, at);
        var place = Place(job, at, "location", "location_index") ?? new VroomPlace(null, null);
        if (place.Index is null)
            _fields.Fault(_hasMatrices ? $"{at}/location_index" : $"{at}/location", _hasMatrices ? "With matrices, the index of its row is expected." : "Without matrices, coordinates [lon, lat] are expected.");
        foreach (var unsupported in (string[])["service_per_type", "setup_per_type"])
        {
            if (VroomFields.Member(job, unsupported) is { ValueKind: JsonValueKind.Object } types && types.EnumerateObject().Any())
                _fields.Fault($"{at}/{unsupported}", "Times that differ by type of vehicle are not understood here; give service and setup that hold for all.");
        }

        var description = _fields.Text(job, at, "description");
        told.Add(new VroomStop(id, description, place));
        var delivery = VroomFields.Member(job, "delivery") is null && told == _jobs ? _fields.Numbers(job, at, "amount") : _fields.Numbers(job, at, "delivery");
        return new RoutingJob
        {
            Id = id,
            Place = place.Index ?? 0,
            Description = description,
            ServiceSeconds = _fields.Small(job, at, "service") ?? 0,
            SetupSeconds = _fields.Small(job, at, "setup") ?? 0,
            Windows = _fields.Windows(job, at, "time_windows"),
            Delivery = told == _jobs ? delivery : [],
            Pickup = told == _jobs ? _fields.Numbers(job, at, "pickup") : [],
            Skills = _fields.Numbers(job, at, "skills", int.MaxValue),
            Priority = _fields.Small(job, at, "priority", 0, 100) ?? 0,
            Prize = _fields.Whole(job, at, "prize", 0, 1L << 40),
            Compartment = _fields.Small(job, at, "compartment", 0, 7),
            ReleaseSecond = _fields.Whole(job, at, "release", long.MinValue, long.MaxValue),
        };
    }

    private RoutingShipment Shipment(JsonElement one, string at)
    {
        RoutingJob Half(string name, List<VroomStop> told)
        {
            if (VroomFields.Member(one, name) is { ValueKind: JsonValueKind.Object } half)
                return Stop(half, $"{at}/{name}", told);
            _fields.Fault($"{at}/{name}", "An object is expected: a shipment is fetched and brought.");
            return new RoutingJob { Id = -1, Place = 0 };
        }

        return new RoutingShipment
        {
            Pickup = Half("pickup", _pickups),
            Delivery = Half("delivery", _deliveries),
            Amount = _fields.Numbers(one, at, "amount"),
            Skills = _fields.Numbers(one, at, "skills", int.MaxValue),
            Priority = _fields.Small(one, at, "priority", 0, 100) ?? 0,
            Prize = _fields.Whole(one, at, "prize", 0, 1L << 40),
            Compartment = _fields.Small(one, at, "compartment", 0, 7),
        };
    }

    private RoutingVehicle Vehicle(JsonElement one, string at, int profile)
    {
        var id = _fields.Id(one, at);
        var (start, end) = (Place(one, at, "start", "start_index"), Place(one, at, "end", "end_index"));
        if (start?.Index is null && end?.Index is null)
            _fields.Fault(_hasMatrices ? $"{at}/start_index" : $"{at}/start", "A vehicle starts or ends somewhere; give at least one of the two.");
        var costs = VroomFields.Member(one, "costs") is { ValueKind: JsonValueKind.Object } given ? given : default;
        if (_fields.Whole(costs, $"{at}/costs", "per_task_hour") is > 0)
            _fields.Fault($"{at}/costs/per_task_hour", "Costs of task time are not understood here.");
        var pauses = _fields.Objects(one, at, "breaks").Select((pause, b) => Pause(pause, $"{at}/breaks/{b}")).ToList();
        _vehicles.Add(new VroomVehicle(id, _fields.Text(one, at, "description"), start, end));
        return new RoutingVehicle
        {
            Id = id,
            Profile = Math.Max(0, profile),
            StartPlace = start?.Index,
            EndPlace = end?.Index,
            Shift = VroomFields.Member(one, "time_window") is { } window ? _fields.Window(window, $"{at}/time_window") : null,
            Capacity = _fields.Numbers(one, at, "capacity"),
            Compartments = _fields.Numbers(one, at, "compartments"),
            Skills = _fields.Numbers(one, at, "skills", int.MaxValue),
            FixedCost = _fields.Small(costs, $"{at}/costs", "fixed") ?? 0,
            CostPerHour = _fields.Small(costs, $"{at}/costs", "per_hour", 0, 1_000_000) ?? 3600,
            CostPerKilometre = _fields.Small(costs, $"{at}/costs", "per_km", 0, 1_000_000) ?? 0,
            SpeedPercent = (int)Math.Round(100 * (_fields.Number(one, at, "speed_factor", 0, 5) ?? 1)),
            TasksMax = _fields.Small(one, at, "max_tasks"),
            DrivingSecondsMax = _fields.Whole(one, at, "max_travel_time", 0, long.MaxValue),
            MetresMax = _fields.Whole(one, at, "max_distance", 0, long.MaxValue),
            DutySecondsMax = _fields.Whole(one, at, "max_duty", 0, long.MaxValue),
            Breaks = [.. pauses.OrderBy(pause => pause.Windows.Count == 0 ? long.MinValue : pause.Windows[0].FromSecond)],
            ReloadPlaces = Reloads(one, at),
            ReloadsMax = _fields.Small(one, at, "reloads_max", 0, 16) ?? 0,
            ReloadSeconds = _fields.Small(one, at, "reload_seconds") ?? 0,
        };
    }

    private RoutingBreak Pause(JsonElement pause, string at) =>
        new() { Id = _fields.Id(pause, at), Windows = _fields.Windows(pause, at, "time_windows"), ServiceSeconds = _fields.Small(pause, at, "service") ?? 0, LoadMax = _fields.Numbers(pause, at, "max_load") };

    private int[] Reloads(JsonElement one, string at)
    {
        if (_hasMatrices)
            return _fields.Numbers(one, at, "reload_indexes");
        List<int> places = [];
        var list = _fields.List(one, at, "reload_locations");
        for (var i = 0; i < list.Length; i++)
        {
            if (Coordinates(list[i], $"{at}/reload_locations/{i}") is { } where)
                places.Add(IndexOf(where));
        }

        return [.. places];
    }

    /// <summary>Coordinates or index, each under its own key; null when neither is there.</summary>
    private VroomPlace? Place(JsonElement one, string at, string name, string index)
    {
        var where = VroomFields.Member(one, name) is { } given ? Coordinates(given, $"{at}/{name}") : null;
        var row = _hasMatrices ? _fields.Small(one, at, index, 0, RoutingProblem.PlacesMax) : where is null ? null : IndexOf(where);
        return where is null && row is null ? null : new VroomPlace(where, row);
    }

    private double[]? Coordinates(JsonElement value, string at)
    {
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2 && value[0].ValueKind == JsonValueKind.Number && value[1].ValueKind == JsonValueKind.Number
            && value[0].TryGetDouble(out var longitude) && value[1].TryGetDouble(out var latitude) && GeoPoint.TryCreate(latitude, longitude, out _))
        {
            return [longitude, latitude];
        }

        _fields.Fault(at, "Coordinates are [longitude, latitude] in degrees.");
        return null;
    }

    private int IndexOf(double[] where)
    {
        var point = new GeoPoint(where[1], where[0]);
        if (!_pointIndex.TryGetValue(point, out var index))
        {
            _pointIndex[point] = index = _points.Count;
            _points.Add(point);
        }

        return index;
    }

    private StandingPlan? Standing(JsonElement root, JsonElement[] vehicles)
    {
        if (!vehicles.Any(vehicle => VroomFields.Member(vehicle, "steps") is not null))
            return null;
        var known = new Dictionary<(string, long), int>();
        for (var i = 0; i < _jobs.Count; i++)
            known[("job", _jobs[i].Id)] = i;
        for (var i = 0; i < _pickups.Count; i++)
            (known[("pickup", _pickups[i].Id)], known[("delivery", _deliveries[i].Id)]) = (i, i);

        List<StandingRoute> routes = [];
        for (var v = 0; v < vehicles.Length; v++)
        {
            var at = $"/vehicles/{v}";
            List<StandingStop> stops = [];
            var steps = _fields.Objects(vehicles[v], at, "steps");
            for (var s = 0; s < steps.Length; s++)
            {
                var type = _fields.Text(steps[s], $"{at}/steps/{s}", "type");
                if (type is "start" or "end" or "break")
                    continue;
                if (type is "reload")
                    stops.Add(new StandingStop(PlanStepKind.Reload, _fields.Small(steps[s], $"{at}/steps/{s}", "id") ?? 0));
                else if (type is "job" or "pickup" or "delivery" && known.TryGetValue((type, _fields.Id(steps[s], $"{at}/steps/{s}")), out var index))
                    stops.Add(new StandingStop(type == "job" ? PlanStepKind.Job : type == "pickup" ? PlanStepKind.Pickup : PlanStepKind.Delivery, index));
                else
                    _fields.Fault($"{at}/steps/{s}", "A step names a job, pickup or delivery of the problem.");
            }

            if (steps.Length > 0)
                routes.Add(new StandingRoute(v, stops, _fields.Small(vehicles[v], at, "frozen_steps") ?? 0, _fields.Whole(vehicles[v], at, "free_at", long.MinValue, long.MaxValue), _fields.Small(vehicles[v], at, "breaks_taken") ?? 0));
        }

        return new StandingPlan { Routes = routes, ChangePenalty = _fields.Small(root, "", "change_penalty", 0, RoutingProblem.ArcMax / 100) ?? 0 };
    }
}
