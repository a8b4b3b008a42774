namespace Caravan.Engines.Routing;

/// <summary>What is wrong with a problem, by JSON pointer; nothing that passes here can overflow or throw later.</summary>
public static class RoutingFaults
{
    private const int FaultsMax = 100;
    private const int DimensionsMax = 16;
    private const int CompartmentsMax = 8;
    private const int WindowsMax = 64;
    private const int BreaksMax = 8;
    private const int ReloadsMost = 16;

    /// <summary>The faults of a problem, at most a hundred.</summary>
    /// <param name="problem">The problem.</param>
    public static IReadOnlyList<RoutingFault> Of(RoutingProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var look = new Look(problem);
        look.AtSizes();
        if (look.Faults.Count == 0)
            look.AtMatrices();
        if (look.Faults.Count == 0)
            look.AtVehicles();
        if (look.Faults.Count == 0)
            look.AtTasks();
        if (look.Faults.Count == 0)
            look.AtTotals();
        if (look.Faults.Count == 0)
            look.AtSpan();
        if (look.Faults.Count == 0)
            StandingFaults.Find(problem, look.Add);
        return look.Faults;
    }

    private sealed class Look(RoutingProblem problem)
    {
        private readonly int _places = problem.Travel.Count > 0 ? problem.Travel[0].PlaceCount : 0;
        private long _low = long.MaxValue;
        private long _high = long.MinValue;

        public List<RoutingFault> Faults { get; } = [];

        public void Add(string pointer, string message)
        {
            if (Faults.Count < FaultsMax)
                Faults.Add(new RoutingFault(pointer, message));
        }

        public void AtSizes()
        {
            Need(problem.Travel.Count is >= 1 and <= 16, "/matrices", "Give 1 to 16 matrices.");
            Need(problem.Vehicles.Count >= 1, "/vehicles", "Give at least one vehicle.");
            Need(problem.Vehicles.Count <= RoutingProblem.VehiclesMax, "/vehicles", $"Give at most {RoutingProblem.VehiclesMax} vehicles.");
            var tasks = (long)problem.Jobs.Count + 2L * problem.Shipments.Count;
            Need(tasks <= RoutingProblem.TasksMax, problem.Jobs.Count > 0 ? "/jobs" : "/shipments", $"Give at most {RoutingProblem.TasksMax} stops; a shipment is two.");
        }

        public void AtMatrices()
        {
            for (var m = 0; m < problem.Travel.Count; m++)
            {
                var matrix = problem.Travel[m];
                var at = $"/matrices/{m}";
                Need(matrix.PlaceCount is >= 1 and <= RoutingProblem.PlacesMax, at, $"A matrix has 1 to {RoutingProblem.PlacesMax} places.");
                Need(matrix.PlaceCount == _places, at, "All matrices are of the same places.");
                if (Faults.Count > 0)
                    return;
                Values(matrix.Seconds, $"{at}/durations");
                if (!ReferenceEquals(matrix.Metres, matrix.Seconds))
                    Values(matrix.Metres, $"{at}/distances");
                if (matrix.Costs is { } costs)
                    Values(costs, $"{at}/costs");
                if (matrix.Traffic is { } traffic)
                    AtTraffic(traffic, $"{at}/traffic");
            }
        }

        private void AtTraffic(TrafficSpeeds traffic, string at)
        {
            Need(traffic.FromSeconds.Count == traffic.Permille.Count && traffic.FromSeconds.Count is >= 1 and <= 1000, at, "Give as many moments as speeds, 1 to 1000.");
            if (Faults.Count > 0)
                return;
            for (var i = 0; i < traffic.FromSeconds.Count; i++)
            {
                Need(i == 0 || traffic.FromSeconds[i] > traffic.FromSeconds[i - 1], $"{at}/from/{i}", "Moments ascend.");
                Need(traffic.Permille[i] is >= 50 and <= 4000, $"{at}/permille/{i}", "A speed is 50 to 4000 thousandths.");
            }
        }

        private void Values(int[] values, string at)
        {
            if (values.LongLength != (long)_places * _places)
            {
                var full = (int)Math.Min(values.LongLength / _places, _places);
                Add(full < _places ? $"{at}/{full}" : at, $"A matrix of {_places} places has {_places} rows of {_places} values.");
                return;
            }

            var highest = (uint)RoutingProblem.ArcMax;
            for (var i = 0; i < values.Length; i++)
            {
                if ((uint)values[i] > highest)
                    Add($"{at}/{i / _places}/{i % _places}", $"A value is 0 to {RoutingProblem.ArcMax}.");
            }
        }

        public void AtVehicles()
        {
            HashSet<long> ids = [];
            for (var v = 0; v < problem.Vehicles.Count; v++)
            {
                var (vehicle, at) = (problem.Vehicles[v], $"/vehicles/{v}");
                Need(ids.Add(vehicle.Id), $"{at}/id", $"Another vehicle has the id {vehicle.Id}.");
                Need(vehicle.Profile >= 0 && vehicle.Profile < problem.Travel.Count, $"{at}/profile", "There is no such matrix.");
                Place(vehicle.StartPlace, $"{at}/start_index");
                Place(vehicle.EndPlace, $"{at}/end_index");
                if (vehicle.Shift is { } shift)
                    Windows([shift], $"{at}/time_window", isOne: true);
                Amounts(vehicle.Capacity, $"{at}/capacity");
                Need(vehicle.Compartments.Count <= CompartmentsMax, $"{at}/compartments", $"At most {CompartmentsMax} compartments.");
                Amounts(vehicle.Compartments, $"{at}/compartments");
                Number(vehicle.CostPerHour, 1_000_000, $"{at}/costs/per_hour");
                Number(vehicle.CostPerKilometre, 1_000_000, $"{at}/costs/per_km");
                Number(vehicle.FixedCost, RoutingProblem.ArcMax / CaseScale(), $"{at}/costs/fixed");
                Need(vehicle.SpeedPercent is >= 20 and <= 500, $"{at}/speed_factor", "A speed is 0.2 to 5 times the matrix's.");
                Limit(vehicle.TasksMax, $"{at}/max_tasks");
                Limit(vehicle.MetresMax, $"{at}/max_distance");
                Limit(vehicle.DrivingSecondsMax, $"{at}/max_travel_time");
                Limit(vehicle.DutySecondsMax, $"{at}/max_duty");
                AtBreaks(vehicle, at);
                AtReloads(vehicle, at);
            }

            if (Faults.Count == 0)
                AtCosts();
        }

        private int CaseScale() => problem.Vehicles.All(one => one.Profile >= 0 && one.Profile < problem.Travel.Count) ? CaseArcs.ScaleOf(problem) : 100;

        private void AtBreaks(RoutingVehicle vehicle, string at)
        {
            Need(vehicle.Breaks.Count <= BreaksMax, $"{at}/breaks", $"At most {BreaksMax} breaks.");
            HashSet<long> ids = [];
            for (var b = 0; b < vehicle.Breaks.Count; b++)
            {
                var (pause, here) = (vehicle.Breaks[b], $"{at}/breaks/{b}");
                Need(ids.Add(pause.Id), $"{here}/id", $"Another break of the vehicle has the id {pause.Id}.");
                Windows(pause.Windows, $"{here}/time_windows", isOne: false);
                Number(pause.ServiceSeconds, RoutingProblem.ArcMax, $"{here}/service");
                Amounts(pause.LoadMax, $"{here}/max_load");
            }
        }

        private void AtReloads(RoutingVehicle vehicle, string at)
        {
            Number(vehicle.ReloadsMax, ReloadsMost, $"{at}/reloads_max");
            Need(vehicle.ReloadPlaces.Count <= ReloadsMost, $"{at}/reload_indexes", $"At most {ReloadsMost} places.");
            Number(vehicle.ReloadSeconds, RoutingProblem.ArcMax, $"{at}/reload_seconds");
            for (var i = 0; i < vehicle.ReloadPlaces.Count; i++)
                Place(vehicle.ReloadPlaces[i], $"{at}/reload_indexes/{i}");
        }

        /// <summary>No arc may cost more than the search can count.</summary>
        private void AtCosts()
        {
            var scale = CaseArcs.ScaleOf(problem);
            for (var v = 0; v < problem.Vehicles.Count; v++)
            {
                var vehicle = problem.Vehicles[v];
                var matrix = problem.Travel[vehicle.Profile];
                if (v > 0 && (vehicle.Profile, vehicle.CostPerHour, vehicle.CostPerKilometre, vehicle.SpeedPercent) == (problem.Vehicles[v - 1].Profile, problem.Vehicles[v - 1].CostPerHour, problem.Vehicles[v - 1].CostPerKilometre, problem.Vehicles[v - 1].SpeedPercent))
                    continue;
                var (seconds, metres) = (Highest(matrix.Seconds) * 100.0 / vehicle.SpeedPercent, (double)Highest(matrix.Metres));
                var cost = matrix.Costs is { } costs ? (double)Highest(costs) * scale : scale * (vehicle.CostPerHour / 3600.0 * seconds + vehicle.CostPerKilometre / 1000.0 * metres);
                Need(cost <= RoutingProblem.ArcMax, $"/vehicles/{v}/costs", $"The dearest arc costs {cost:0}, at most {RoutingProblem.ArcMax} can be counted.");
                Need(seconds <= RoutingProblem.ArcMax, $"/vehicles/{v}/speed_factor", "The longest arc takes too long at this speed.");
            }
        }

        private readonly Dictionary<int[], int> _highest = [];

        private int Highest(int[] values) => _highest.TryGetValue(values, out var known) ? known : _highest[values] = values.Max();

        public void AtTasks()
        {
            HashSet<long> ids = [];
            for (var i = 0; i < problem.Jobs.Count; i++)
            {
                var (job, at) = (problem.Jobs[i], $"/jobs/{i}");
                Need(ids.Add(job.Id), $"{at}/id", $"Another job has the id {job.Id}.");
                Stop(job, at);
                Amounts(job.Delivery, $"{at}/delivery");
                Amounts(job.Pickup, $"{at}/pickup");
                Worth(job.Priority, job.Prize, job.Compartment, at);
                if (job.ReleaseSecond is { } release)
                    Moment(release, $"{at}/release");
            }

            HashSet<long> pickups = [], deliveries = [];
            for (var i = 0; i < problem.Shipments.Count; i++)
            {
                var (shipment, at) = (problem.Shipments[i], $"/shipments/{i}");
                Need(pickups.Add(shipment.Pickup.Id), $"{at}/pickup/id", $"Another pickup has the id {shipment.Pickup.Id}.");
                Need(deliveries.Add(shipment.Delivery.Id), $"{at}/delivery/id", $"Another delivery has the id {shipment.Delivery.Id}.");
                Stop(shipment.Pickup, $"{at}/pickup");
                Stop(shipment.Delivery, $"{at}/delivery");
                Amounts(shipment.Amount, $"{at}/amount");
                Worth(shipment.Priority, shipment.Prize, shipment.Compartment, at);
            }
        }

        /// <summary>Sums of goods must be countable too.</summary>
        public void AtTotals()
        {
            for (var d = 0; d < DimensionsMax; d++)
            {
                var total = problem.Jobs.Sum(job => (long)At(job.Delivery, d) + At(job.Pickup, d)) + problem.Shipments.Sum(one => (long)At(one.Amount, d));
                Need(total <= 2L * RoutingProblem.AmountMax, problem.Jobs.Count > 0 ? "/jobs" : "/shipments", $"All amounts of a dimension are at most {2L * RoutingProblem.AmountMax} together.");
            }
        }

        private static int At(IReadOnlyList<int> amounts, int dimension) => dimension < amounts.Count ? amounts[dimension] : 0;

        public void AtSpan()
        {
            if (_low <= _high)
                Need((Int128)_high - _low <= RoutingProblem.SpanMax, "", $"All moments lie within {RoutingProblem.SpanMax} seconds of each other.");
        }

        private void Stop(RoutingJob job, string at)
        {
            Place(job.Place, $"{at}/location_index");
            Number(job.ServiceSeconds, RoutingProblem.ArcMax, $"{at}/service");
            Number(job.SetupSeconds, RoutingProblem.ArcMax, $"{at}/setup");
            Windows(job.Windows, $"{at}/time_windows", isOne: false);
        }

        private void Worth(int priority, long? prize, int? compartment, string at)
        {
            Number(priority, 100, $"{at}/priority");
            Need(prize is null or (>= 0 and <= 1L << 40), $"{at}/prize", "A prize is 0 to 2^40.");
            Need(compartment is null or (>= 0 and < CompartmentsMax), $"{at}/compartment", $"A compartment is 0 to {CompartmentsMax - 1}.");
        }

        private void Windows(IReadOnlyList<RoutingWindow> windows, string at, bool isOne)
        {
            Need(windows.Count <= WindowsMax, at, $"At most {WindowsMax} windows.");
            for (var w = 0; w < windows.Count; w++)
            {
                var here = isOne ? at : $"{at}/{w}";
                Need(windows[w].FromSecond <= windows[w].ToSecond, here, "A window begins before it ends.");
                Need(w == 0 || windows[w - 1].ToSecond < windows[w].FromSecond, here, "Windows ascend and do not touch.");
                Moment(windows[w].FromSecond, here);
                Moment(windows[w].ToSecond, here);
            }
        }

        private void Moment(long second, string at)
        {
            (_low, _high) = (Math.Min(_low, second), Math.Max(_high, second));
            Need(second is > -(1L << 40) and < 1L << 40, at, "A moment lies within 2^40 seconds of 0.");
        }

        private void Place(int? place, string at) => Need(place is null || (place >= 0 && place < _places), at, $"A place is 0 to {_places - 1}.");

        private void Amounts(IReadOnlyList<int> amounts, string at)
        {
            Need(amounts.Count <= DimensionsMax, at, $"At most {DimensionsMax} dimensions.");
            for (var d = 0; d < amounts.Count; d++)
                Number(amounts[d], RoutingProblem.AmountMax, $"{at}/{d}");
        }

        private void Number(int value, int most, string at) => Need(value >= 0 && value <= most, at, $"A number from 0 to {most}.");

        private void Limit(long? value, string at) => Need(value is null or >= 0, at, "A limit is not below 0.");

        private void Need(bool isRight, string pointer, string message)
        {
            if (!isRight)
                Add(pointer, message);
        }
    }
}
