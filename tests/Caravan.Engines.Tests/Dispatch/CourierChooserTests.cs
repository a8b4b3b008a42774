using Caravan.Engines.Dispatch;
using static Caravan.Engines.Dispatch.DispatchDecision;

namespace Caravan.Engines.Tests.Dispatch;

/// <summary>Couriers on one long street: a place is a number, and a metre takes a second.</summary>
public sealed class CourierChooserTests
{
    private static readonly DispatchRules Rules = DispatchRules.Default;

    [Fact]
    public void The_courier_who_drives_least_more_takes_the_job()
    {
        CourierRoute[] couriers = [Idle(at: 0), Idle(at: 90), Idle(at: 300)];

        var decision = Choose(from: 100, to: 200, couriers);

        // From 0: 100 + 100; from 90: 10 + 100; from 300: 200 + 100.
        var assigned = Assert.IsType<Assigned>(decision);
        Assert.Equal((1, 0, 1, 110), (assigned.CourierIndex, assigned.PickupPosition, assigned.DropoffPosition, assigned.AddedTravelSeconds));
        Assert.Equal([new StopTimes(10, 10, 10), new StopTimes(110, 110, 110)], assigned.Times);
        Assert.Equal(
            [(CourierVerdict.CostsMore, 200), (CourierVerdict.Chosen, 110), (CourierVerdict.CostsMore, 300)],
            decision.Evaluations.Select(evaluation => (evaluation.Verdict, evaluation.AddedTravelSeconds)));
    }

    [Fact]
    public void A_job_on_the_way_costs_nothing()
    {
        var passing = At(0, [Dropoff(job: 5, place: 500)]);

        var assigned = Assert.IsType<Assigned>(Choose(from: 100, to: 200, Idle(at: 90), passing));

        Assert.Equal((1, 0, 1, 0), (assigned.CourierIndex, assigned.PickupPosition, assigned.DropoffPosition, assigned.AddedTravelSeconds));
        Assert.Equal([9, 9, 5], assigned.Stops.Select(stop => stop.Job));
    }

    [Fact]
    public void A_detour_that_makes_another_late_loses()
    {
        // Fetching first would make the customer at 0 late; afterwards the job lies on the way to 300.
        var hurried = At(50, [Dropoff(job: 5, place: 0, due: 50), Dropoff(job: 6, place: 300)]);

        var decision = Choose(from: 60, to: 70, Idle(at: 0), hurried);

        var assigned = Assert.IsType<Assigned>(decision);
        Assert.Equal(1, assigned.CourierIndex);
        Assert.Equal((1, 2), (assigned.PickupPosition, assigned.DropoffPosition));
        Assert.Equal(0, assigned.AddedTravelSeconds);
    }

    [Fact]
    public void Waiting_for_the_kitchen_delays_what_follows()
    {
        var courier = At(0, [Dropoff(job: 5, place: 500, due: 500)]);
        var job = new NewJob(new(9, StopKind.Pickup, ReadySecond: 400, 1_000, 0, 1), new(9, StopKind.Dropoff, 0, 2_000, 0, 1), 0);

        var assigned = Assert.IsType<Assigned>(CourierChooser.Choose(job, [WithJob(courier, from: 100, to: 200)], Rules));

        // On the way the food is not ready before 400, which would make the guest at 500 late by 300 s, at ten a second;
        // coming back for it drives 400 + 100 more.
        Assert.Equal((1, 2, 500), (assigned.PickupPosition, assigned.DropoffPosition, assigned.AddedTravelSeconds));
    }

    [Fact]
    public void What_cannot_be_is_told_by_courier()
    {
        CourierRoute[] couriers =
        [
            Idle(at: 0) with { Obstacles = CourierObstacle.OffShift | CourierObstacle.Declined },
            Idle(at: 0) with { TemperatureClasses = 2 },
            At(0, [.. Enumerable.Range(0, 11).Select(i => Dropoff(job: i, place: i))]),
            Idle(at: 0) with { CapacityGrams = 0 },
            Idle(at: 0) with { ShiftEndSecond = 199 },
        ];

        var decision = Choose(from: 100, to: 200, couriers);

        Assert.IsType<NoCourier>(decision);
        Assert.Equal(
            [CourierVerdict.Blocked, CourierVerdict.WrongTemperature, CourierVerdict.TooManyStops, CourierVerdict.OverCapacity, CourierVerdict.PastShiftEnd],
            decision.Evaluations.Select(evaluation => evaluation.Verdict));
        Assert.Equal(CourierObstacle.OffShift | CourierObstacle.Declined, decision.Evaluations[0].Obstacles);
    }

    [Fact]
    public void A_full_bag_is_emptied_first()
    {
        var full = At(0, [Dropoff(job: 5, place: 500, grams: 1_000)]) with { OnBoardGrams = 1_000, CapacityGrams = 1_000 };

        var assigned = Assert.IsType<Assigned>(Choose(from: 100, to: 200, full));

        Assert.Equal((1, 2), (assigned.PickupPosition, assigned.DropoffPosition));
    }

    [Fact]
    public void Equal_costs_go_to_who_is_at_the_door_first_and_then_to_the_first_in_the_list()
    {
        var later = Idle(at: 100) with { AvailableSecond = 50 };

        Assert.Equal(1, Assert.IsType<Assigned>(Choose(from: 100, to: 200, later, Idle(at: 100), Idle(at: 100))).CourierIndex);
    }

    [Fact]
    public void Nobody_there_is_no_courier() => Assert.Empty(Assert.IsType<NoCourier>(Choose(from: 1, to: 2)).Evaluations);

    [Fact]
    public void Shapes_and_numbers_out_of_range_are_bugs()
    {
        var job = Job();
        var courier = WithJob(Idle(at: 0), from: 1, to: 2);
        NewJob[] wrongJobs =
        [
            job with { TemperatureClass = 32 },
            job with { Pickup = job.Dropoff },
            job with { Dropoff = job.Dropoff with { Job = 1 } },
            job with { Dropoff = job.Dropoff with { LoadGrams = 2 } },
        ];
        CourierRoute[] wrongCouriers =
        [
            courier with { TravelSeconds = new int[4] },
            courier with { CapacityGrams = -1 },
            courier with { OnBoardGrams = -1 },
            courier with { AvailableSecond = int.MaxValue },
        ];

        Assert.All(wrongJobs, wrong => Assert.ThrowsAny<ArgumentException>(() => CourierChooser.Choose(wrong, [courier], Rules)));
        Assert.All(wrongCouriers, wrong => Assert.ThrowsAny<ArgumentException>(() => CourierChooser.Choose(job, [wrong], Rules)));
        Assert.ThrowsAny<ArgumentException>(() => CourierChooser.Choose(job, [courier], Rules with { LatenessWeight = -1 }));
        Assert.ThrowsAny<ArgumentException>(() => CourierChooser.Choose(job, [courier], Rules with { MaxStops = 65 }));
    }

    private static DispatchDecision Choose(int from, int to, params CourierRoute[] couriers) =>
        CourierChooser.Choose(Job(), [.. couriers.Select(courier => WithJob(courier, from, to))], Rules);

    private static NewJob Job() => new(new(9, StopKind.Pickup, 0, int.MaxValue, 0, 1), new(9, StopKind.Dropoff, 0, int.MaxValue, 0, 1), TemperatureClass: 0);

    // Until the job is known, the stops' places stand where the matrix will be.
    private static CourierRoute Idle(int at) => At(at, []);

    private static CourierRoute At(int at, (Stop Stop, int Place)[] stops) =>
        new(1, 0, 100_000, 10_000, 0, 1, [.. stops.Select(stop => stop.Stop)], [at, .. stops.Select(stop => stop.Place)]);

    private static CourierRoute WithJob(CourierRoute courier, int from, int to)
    {
        int[] places = [.. courier.TravelSeconds, from, to];
        return courier with { TravelSeconds = [.. places.SelectMany(a => places.Select(b => Math.Abs(a - b)))] };
    }

    private static (Stop Stop, int Place) Dropoff(int job, int place, int due = int.MaxValue, int grams = 0) =>
        (new(job, StopKind.Dropoff, 0, due, 0, grams), place);
}
