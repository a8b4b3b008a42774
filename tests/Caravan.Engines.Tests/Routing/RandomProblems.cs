using Caravan.Engines.Routing;

namespace Caravan.Engines.Tests.Routing;

/// <summary>Small problems at random, of which each feature is in about every third.</summary>
internal static class RandomProblems
{
    public static RoutingProblem Make(int seed, int tasksMax = 14)
    {
        var random = new Random(seed);
        bool Sometimes() => random.Next(3) == 0;
        var places = random.Next(3, 12);
        var dimensions = random.Next(0, 3);
        var (hasWindows, hasBreaks, hasSkills, hasPairs, hasJobs) = (Sometimes(), Sometimes(), Sometimes(), Sometimes(), random.Next(5) > 0);
        var (hasPickups, hasReloads, hasReleases, hasSetups, hasLimits, hasTraffic, hasCompartments, hasPrizes) = (Sometimes(), Sometimes(), Sometimes(), Sometimes(), Sometimes(), Sometimes(), Sometimes(), Sometimes());

        int[] Amounts() => [.. Enumerable.Range(0, dimensions).Select(_ => random.Next(0, 4))];
        RoutingWindow[] Windows()
        {
            if (!hasWindows || random.Next(3) == 0)
                return [];
            List<RoutingWindow> windows = [];
            var from = random.Next(0, 3000);
            for (var i = random.Next(1, 3); i > 0; i--)
            {
                var to = from + random.Next(50, 2000);
                windows.Add(new RoutingWindow(from, to));
                from = to + random.Next(1, 500);
            }

            return [.. windows];
        }

        RoutingJob Job(int id) => new()
        {
            Id = id,
            Place = random.Next(places),
            ServiceSeconds = random.Next(0, 120),
            SetupSeconds = hasSetups ? random.Next(0, 60) : 0,
            Windows = Windows(),
            Delivery = Amounts(),
            Pickup = hasPickups ? Amounts() : [],
            Skills = hasSkills && Sometimes() ? [random.Next(3)] : [],
            Priority = random.Next(3) * 10,
            Prize = hasPrizes && Sometimes() ? random.Next(0, 600) : null,
            ReleaseSecond = hasReleases && Sometimes() ? random.Next(0, 2000) : null,
            Compartment = hasCompartments && Sometimes() ? random.Next(2) : null,
        };
        RoutingJob Half(int id) => Job(id) with { Delivery = [], Pickup = [], Skills = [], Prize = null, ReleaseSecond = null, Compartment = null };

        TravelMatrix Matrix()
        {
            var seconds = new int[places * places];
            for (var a = 0; a < places; a++)
            {
                for (var b = 0; b < places; b++)
                    seconds[a * places + b] = a == b ? 0 : random.Next(20, 600);
            }

            var metres = random.Next(2) == 0 ? seconds : Array.ConvertAll(seconds, one => one * 8 + random.Next(50));
            var traffic = hasTraffic ? new TrafficSpeeds([500, 1500, 4000], [random.Next(400, 1200), random.Next(400, 2000), 1000]) : null;
            return new TravelMatrix(places, seconds, metres, traffic);
        }

        var tasks = random.Next(1, tasksMax);
        var travel = Enumerable.Range(0, random.Next(1, 3)).Select(_ => Matrix()).ToList();
        return new RoutingProblem
        {
            Travel = travel,
            Objective = random.Next(4) == 0 ? RoutingObjective.VehiclesFirst : RoutingObjective.Cost,
            Jobs = hasJobs || !hasPairs ? [.. Enumerable.Range(0, tasks).Select(Job)] : [],
            Shipments = hasPairs ? [.. Enumerable.Range(0, random.Next(1, 6)).Select(i => new RoutingShipment { Pickup = Half(i), Delivery = Half(i), Amount = Amounts(), Skills = hasSkills && Sometimes() ? [random.Next(3)] : [] })] : [],
            Vehicles = [.. Enumerable.Range(0, random.Next(1, 4)).Select(v => new RoutingVehicle
            {
                Id = v,
                Profile = random.Next(travel.Count),
                StartPlace = random.Next(5) == 0 ? null : random.Next(places),
                EndPlace = random.Next(5) == 0 ? null : random.Next(places),
                Shift = hasWindows || Sometimes() ? new RoutingWindow(random.Next(0, 300), random.Next(3000, 9000)) : null,
                Capacity = [.. Enumerable.Range(0, dimensions).Select(_ => random.Next(3, 16))],
                Compartments = hasCompartments ? [random.Next(0, 8), random.Next(0, 8)] : [],
                Skills = hasSkills ? [0, 1 + random.Next(2)] : [],
                FixedCost = Sometimes() ? random.Next(500) : 0,
                CostPerHour = Sometimes() ? 1200 : 3600,
                CostPerKilometre = Sometimes() ? 100 : 0,
                SpeedPercent = Sometimes() ? 130 : 100,
                TasksMax = hasLimits && Sometimes() ? random.Next(1, 8) : null,
                MetresMax = hasLimits && Sometimes() ? random.Next(1000, 30000) : null,
                DrivingSecondsMax = hasLimits && Sometimes() ? random.Next(600, 4000) : null,
                DutySecondsMax = hasLimits && Sometimes() ? random.Next(1000, 4000) : null,
                Breaks = hasBreaks ? [.. Enumerable.Range(0, random.Next(1, 3)).Select(b => new RoutingBreak { Id = b, ServiceSeconds = random.Next(10, 300), Windows = [new RoutingWindow(500 + 1500 * b, 1800 + 1500 * b)], LoadMax = dimensions > 0 && Sometimes() ? [random.Next(4, 12)] : [] })] : [],
                ReloadPlaces = hasReloads ? [random.Next(places)] : [],
                ReloadsMax = hasReloads ? random.Next(0, 3) : 0,
                ReloadSeconds = 60,
            })],
        };
    }
}
