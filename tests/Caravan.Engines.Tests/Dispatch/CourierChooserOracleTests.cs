using Caravan.Engines.Dispatch;
using FsCheck;
using FsCheck.Fluent;
using static Caravan.Engines.Dispatch.DispatchDecision;

namespace Caravan.Engines.Tests.Dispatch;

/// <summary>Short routes, where writing out every new list of stops shows what is best.</summary>
public sealed class CourierChooserOracleTests
{
    private static readonly Config ManyCases = Config.QuickThrowOnFailure.WithMaxTest(3_000);

    private static readonly Gen<Stop> AnyStop =
        from kind in Gen.Elements(StopKind.Pickup, StopKind.Dropoff)
        from ready in Gen.Choose(0, 30)
        from due in Gen.Choose(0, 60)
        from service in Gen.Choose(0, 3)
        from grams in Gen.Choose(0, 3)
        select new Stop(1, kind, ready, due, service, grams);

    private static readonly Gen<CourierRoute> AnyRoute =
        from stops in Gen.Choose(0, 4).SelectMany(count => AnyStop.ArrayOf(count))
        from travel in Gen.Choose(0, 15).ArrayOf((stops.Length + 3) * (stops.Length + 3))
        from available in Gen.Choose(0, 10)
        from shiftEnd in Gen.Choose(20, 120)
        from capacity in Gen.Choose(2, 8)
        from onBoard in Gen.Choose(0, 4)
        from temperatures in Gen.Elements(1u, 1u, 1u, 2u)
        from obstacles in Gen.Elements(CourierObstacle.None, CourierObstacle.None, CourierObstacle.None, CourierObstacle.OnBreak)
        select new CourierRoute(1, available, shiftEnd, capacity, onBoard, temperatures, stops, travel, obstacles);

    private static readonly Gen<(NewJob Job, CourierRoute[] Couriers, DispatchRules Rules)> Cases =
        from pickup in AnyStop
        from dropoff in AnyStop
        from couriers in Gen.Choose(0, 4).SelectMany(count => AnyRoute.ArrayOf(count))
        from weight in Gen.Choose(0, 3)
        from maxStops in Gen.Choose(4, 6)
        select (
            new NewJob(
                pickup with { Job = 9, Kind = StopKind.Pickup, LoadGrams = dropoff.LoadGrams },
                dropoff with { Job = 9, Kind = StopKind.Dropoff },
                TemperatureClass: 0),
            couriers,
            new DispatchRules(weight, maxStops));

    [Fact]
    public void The_choice_is_what_writing_out_every_list_finds() =>
        Check.One(ManyCases, Prop.ForAll(Cases.ToArbitrary(), it =>
        {
            var isPossible = it.Couriers.Any(courier => Plans(it.Job, courier, it.Rules).Any(plan => plan.IsFeasible));
            return CourierChooser.Choose(it.Job, it.Couriers, it.Rules) switch
            {
                Assigned assigned => isPossible && IsFirst(it.Couriers, it.Rules, it.Job, assigned),
                NoCourier => !isPossible,
                _ => false,
            };
        }));

    [Fact]
    public void Every_courier_has_the_true_verdict() =>
        Check.One(ManyCases, Prop.ForAll(Cases.ToArbitrary(), it =>
        {
            var decision = CourierChooser.Choose(it.Job, it.Couriers, it.Rules);
            return decision.Evaluations.Count == it.Couriers.Length && decision.Evaluations.All(evaluation =>
            {
                var courier = it.Couriers[evaluation.CourierIndex];
                var plans = Plans(it.Job, courier, it.Rules);
                var best = plans.Where(plan => plan.IsFeasible).OrderBy(plan => plan.Cost).ThenBy(plan => plan.Pickup).ThenBy(plan => plan.Dropoff).FirstOrDefault();
                var isChosen = decision is Assigned assigned && assigned.CourierIndex == evaluation.CourierIndex;
                return best is null
                    ? evaluation == new CourierEvaluation(evaluation.CourierIndex, Reason(courier, it.Rules, plans), courier.Obstacles, -1, -1, 0, 0, 0, 0)
                    : evaluation == new CourierEvaluation(
                        evaluation.CourierIndex, isChosen ? CourierVerdict.Chosen : CourierVerdict.CostsMore, CourierObstacle.None,
                        best.Pickup, best.Dropoff, best.AddedTravel, best.AddedLateness, best.Times[best.Dropoff].ArrivalSecond, best.Cost);
            });
        }));

    private static bool IsFirst(CourierRoute[] couriers, DispatchRules rules, NewJob job, Assigned assigned)
    {
        var first = assigned.Evaluations
            .Where(evaluation => evaluation.PickupPosition >= 0)
            .OrderBy(evaluation => evaluation.Cost).ThenBy(evaluation => evaluation.DropoffArrivalSecond).ThenBy(evaluation => evaluation.CourierIndex)
            .First();
        var plan = Plans(job, couriers[first.CourierIndex], rules).Single(plan => plan.Pickup == first.PickupPosition && plan.Dropoff == first.DropoffPosition);
        return assigned.CourierIndex == first.CourierIndex
            && (assigned.PickupPosition, assigned.DropoffPosition, assigned.AddedTravelSeconds) == (plan.Pickup, plan.Dropoff, plan.AddedTravel)
            && assigned.Stops.SequenceEqual(plan.Stops)
            && assigned.Times.SequenceEqual(plan.Times);
    }

    private static CourierVerdict Reason(CourierRoute courier, DispatchRules rules, Plan[] plans) =>
        courier.Obstacles != CourierObstacle.None ? CourierVerdict.Blocked
        : courier.TemperatureClasses != 1 ? CourierVerdict.WrongTemperature
        : courier.Stops.Count + 2 > rules.MaxStops ? CourierVerdict.TooManyStops
        : plans.Any(plan => plan.FitsLoad) ? CourierVerdict.PastShiftEnd
        : CourierVerdict.OverCapacity;

    private static Plan[] Plans(NewJob job, CourierRoute courier, DispatchRules rules)
    {
        var count = courier.Stops.Count;
        var planned = Enumerable.Range(1, count).ToList();
        return
        [
            .. from pickup in Enumerable.Range(0, count + 1)
               from dropoff in Enumerable.Range(pickup + 1, count + 1 - pickup)
               select Write(job, courier, rules, pickup, dropoff, planned),
        ];
    }

    private static Plan Write(NewJob job, CourierRoute courier, DispatchRules rules, int pickup, int dropoff, List<int> planned)
    {
        var count = courier.Stops.Count;
        List<int> points = [.. planned];
        points.Insert(pickup, count + 1);
        points.Insert(dropoff, count + 2);
        var (before, after) = (Drive(job, courier, planned), Drive(job, courier, points));
        var addedTravel = after.Travel - before.Travel;
        var addedLateness = after.Lateness - before.Lateness;
        var fitsLoad = after.LoadMax <= courier.CapacityGrams;
        var isFeasible = fitsLoad && after.End <= courier.ShiftEndSecond && courier.Obstacles == CourierObstacle.None
            && courier.TemperatureClasses == 1 && points.Count <= rules.MaxStops;
        return new Plan(pickup, dropoff, isFeasible, fitsLoad, addedTravel, addedLateness, addedTravel + rules.LatenessWeight * addedLateness, after.Stops, after.Times);
    }

    /// <summary>Drives a list of points with a matrix of just those points, as the route clock wants it.</summary>
    private static (int Travel, int Lateness, int LoadMax, int End, Stop[] Stops, StopTimes[] Times) Drive(NewJob job, CourierRoute courier, List<int> points)
    {
        var size = courier.Stops.Count + 3;
        Stop[] all = [.. courier.Stops, job.Pickup, job.Dropoff];
        Stop[] stops = [.. points.Select(point => all[point - 1])];
        int[] order = [0, .. points];
        int[] matrix = [.. order.SelectMany(from => order.Select(to => courier.TravelSeconds[from * size + to]))];
        var times = RouteClock.Arrivals(courier.AvailableSecond, stops, matrix, order.Length);
        var loads = stops.Aggregate(new List<int> { courier.OnBoardGrams }, (list, stop) =>
            [.. list, list[^1] + (stop.Kind == StopKind.Pickup ? stop.LoadGrams : -stop.LoadGrams)]);
        return (
            order.Zip(order.Skip(1), (from, to) => courier.TravelSeconds[from * size + to]).Sum(),
            times.Zip(stops, (time, stop) => time.LatenessSeconds(stop)).Sum(),
            loads.Max(),
            times.Select(time => time.DepartureSecond).LastOrDefault(courier.AvailableSecond),
            stops,
            times);
    }

    private sealed record Plan(
        int Pickup, int Dropoff, bool IsFeasible, bool FitsLoad, int AddedTravel, int AddedLateness, int Cost, Stop[] Stops, StopTimes[] Times);
}
