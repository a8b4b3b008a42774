using Caravan.Engines.Routing;

namespace Caravan.Engines.Tests.Routing;

/// <summary>One rule at a time, on problems that fit in the head. Places lie on a line, a minute and a hundred metres apart.</summary>
public sealed class RouterTests
{
    private const int Minute = 60;

    private static TravelMatrix Line(int count)
    {
        var (seconds, metres) = (new int[count * count], new int[count * count]);
        for (var a = 0; a < count; a++)
        {
            for (var b = 0; b < count; b++)
                (seconds[a * count + b], metres[a * count + b]) = (Math.Abs(a - b) * Minute, Math.Abs(a - b) * 100);
        }

        return new TravelMatrix(count, seconds, metres);
    }

    private static RoutingVehicle Van(long id = 1) => new() { Id = id, StartPlace = 0, EndPlace = 0 };

    private static RoutingJob At(int place) => new() { Id = place, Place = place };

    private static RoutingProblem Day(int places, RoutingVehicle[] vehicles, params RoutingJob[] jobs) => new() { Travel = [Line(places)], Vehicles = vehicles, Jobs = jobs };

    private static RoutingPlan Solve(RoutingProblem problem, long iterations = 500)
    {
        var plan = Assert.IsType<RoutingOutcome.Solved>(Router.Solve(problem, new RoutingBudget { Iterations = iterations })).Plan;
        Assert.Empty(RoutingChecker.Check(problem, plan));
        return plan;
    }

    private static RoutingFault Refusal(RoutingProblem problem) => Assert.IsType<RoutingOutcome.Refused>(Router.Solve(problem, new RoutingBudget { Iterations = 1 })).Faults[0];

    [Fact]
    public void One_van_goes_there_and_back()
    {
        var plan = Solve(Day(5, [Van()], At(2), At(4), At(1)));

        // To the farthest stop and back: 2 × 4 minutes, whatever the order on the way.
        Assert.Equal(2 * 4 * Minute, plan.Cost);
        Assert.Equal(800, plan.Metres);
        Assert.Empty(plan.Unassigned);
    }

    [Fact]
    public void What_does_not_fit_in_one_van_goes_in_two()
    {
        var vans = new[] { Van(1) with { Capacity = [2] }, Van(2) with { Capacity = [2] } };

        var plan = Solve(Day(5, vans, At(1) with { Delivery = [1] }, At(2) with { Delivery = [1] }, At(3) with { Delivery = [1] }, At(4) with { Delivery = [1] }));

        // 3 and 4 in one van, 1 and 2 in the other: 8 + 4 minutes.
        Assert.Equal(2, plan.Routes.Count);
        Assert.Equal(12 * Minute, plan.Cost);
    }

    [Fact]
    public void Goods_that_leave_make_room_for_goods_that_come()
    {
        var plan = Solve(Day(3, [Van() with { Capacity = [5] }], At(1) with { Delivery = [5] }, At(2) with { Pickup = [5] }));

        Assert.Empty(plan.Unassigned);
        Assert.Equal([PlanStepKind.Start, PlanStepKind.Job, PlanStepKind.Job, PlanStepKind.End], plan.Routes[0].Steps.Select(step => step.Kind));
        Assert.Equal(0, plan.Routes[0].Steps[1].Index);
    }

    [Fact]
    public void The_second_window_serves_when_the_first_is_missed()
    {
        var plan = Solve(Day(5, [Van() with { Shift = new RoutingWindow(0, 100 * Minute) }], At(4) with { Windows = [new RoutingWindow(0, 2 * Minute), new RoutingWindow(30 * Minute, 31 * Minute)] }));

        // Served at minute 30; the van leaves at 26 rather than wait.
        var step = plan.Routes[0].Steps[1];
        Assert.Equal(30 * Minute, step.ArrivalSecond + step.WaitingSeconds);
        Assert.Equal(26 * Minute, plan.Routes[0].Steps[0].ArrivalSecond);
    }

    [Fact]
    public void A_break_is_taken_on_the_road()
    {
        var van = Van() with { Shift = new RoutingWindow(0, 60 * Minute), Breaks = [new RoutingBreak { Id = 1, ServiceSeconds = 10 * Minute, Windows = [new RoutingWindow(2 * Minute, 3 * Minute)] }] };

        var plan = Solve(Day(6, [van], At(5) with { Windows = [new RoutingWindow(0, 16 * Minute)] }));

        // Five minutes of driving, ten of rest.
        var steps = plan.Routes[0].Steps;
        Assert.Equal([PlanStepKind.Start, PlanStepKind.Break, PlanStepKind.Job, PlanStepKind.End], steps.Select(step => step.Kind));
        Assert.Equal(15 * Minute, steps[2].ArrivalSecond - steps[0].ArrivalSecond);
    }

    [Fact]
    public void A_small_van_reloads_at_its_depot()
    {
        var van = Van() with { Capacity = [1], ReloadPlaces = [0], ReloadsMax = 2, ReloadSeconds = Minute };

        var plan = Solve(Day(4, [van], At(1) with { Delivery = [1] }, At(2) with { Delivery = [1] }, At(3) with { Delivery = [1] }));

        // Out and back for each: 2 × (1 + 2 + 3) minutes.
        Assert.Empty(plan.Unassigned);
        Assert.Equal(12 * Minute, plan.Cost);
        Assert.Equal(2, plan.Routes[0].Steps.Count(step => step.Kind == PlanStepKind.Reload));
    }

    [Fact]
    public void Nobody_leaves_before_the_goods_are_there()
    {
        var plan = Solve(Day(3, [Van()], At(2) with { ReleaseSecond = 50 * Minute }, At(1)));

        Assert.True(plan.Routes[0].Steps[0].ArrivalSecond >= 50 * Minute);
    }

    [Fact]
    public void In_the_rush_the_same_way_takes_longer()
    {
        var problem = Day(5, [Van() with { Shift = new RoutingWindow(0, 100 * Minute) }], At(4));
        problem = problem with { Travel = [problem.Travel[0] with { Traffic = new TrafficSpeeds([0, 2 * Minute], [500, 1000]) }] };

        var plan = Solve(problem);

        // Two minutes at half speed do one minute's way, then three more.
        Assert.Equal(5 * Minute, plan.Routes[0].Steps[1].ArrivalSecond);
    }

    [Fact]
    public void Duty_counts_from_whenever_the_van_starts()
    {
        var van = Van() with { Shift = new RoutingWindow(0, 600 * Minute), DutySecondsMax = 10 * Minute };
        var stop = At(4) with { Windows = [new RoutingWindow(300 * Minute, 400 * Minute)] };

        Assert.Empty(Solve(Day(6, [van], stop)).Unassigned);
        Assert.Equal(UnassignedReason.Limits, Solve(Day(6, [van with { DutySecondsMax = 7 * Minute }], stop)).Unassigned[0].Reason);
    }

    [Fact]
    public void Chilled_goods_find_room_only_in_their_compartment()
    {
        var van = Van() with { Capacity = [10], Compartments = [2, 0] };

        var plan = Solve(Day(4, [van], At(1) with { Delivery = [2], Compartment = 0 }, At(2) with { Delivery = [1], Compartment = 1 }, At(3) with { Delivery = [8] }));

        Assert.Equal([1], plan.Unassigned.Select(one => one.Index));
        Assert.Equal(UnassignedReason.Capacity, plan.Unassigned[0].Reason);
    }

    [Fact]
    public void A_shipment_is_fetched_before_it_is_brought_by_the_same_van()
    {
        var problem = new RoutingProblem
        {
            Travel = [Line(5)],
            Vehicles = [Van(1), Van(2)],
            Shipments = [new RoutingShipment { Pickup = At(4), Delivery = At(1), Amount = [1] }, new RoutingShipment { Pickup = At(2), Delivery = At(3), Amount = [1] }],
        };

        // One van: 2, then 3, then 4, and 1 on the way back.
        Assert.Equal(8 * Minute, Solve(problem).Cost);
    }

    [Fact]
    public void Of_two_that_cannot_both_be_served_the_higher_priority_is()
    {
        var plan = Solve(Day(3, [Van() with { TasksMax = 1 }], At(1), At(2) with { Priority = 5 }));

        Assert.Equal([0], plan.Unassigned.Select(one => one.Index));
        Assert.Equal(UnassignedReason.NoRoom, plan.Unassigned[0].Reason);
    }

    [Fact]
    public void A_job_is_left_out_when_its_prize_is_less_than_it_costs()
    {
        var plan = Solve(Day(10, [Van()], At(1), At(9) with { Prize = 16 * Minute - 1 }));

        // To 9 and back are sixteen minutes more than to 1 and back.
        Assert.Equal(UnassignedReason.CostsMore, plan.Unassigned.Single().Reason);
        Assert.Equal(16 * Minute, plan.Unassigned.Single().CheapestCost);
        Assert.Empty(Solve(Day(10, [Van()], At(1), At(9) with { Prize = 16 * Minute + 1 })).Unassigned);
    }

    [Theory]
    [InlineData(UnassignedReason.Skills)]
    [InlineData(UnassignedReason.Capacity)]
    [InlineData(UnassignedReason.Time)]
    [InlineData(UnassignedReason.Limits)]
    public void What_nobody_can_serve_is_left_out_and_why_is_said(UnassignedReason reason)
    {
        var impossible = reason switch
        {
            UnassignedReason.Skills => At(3) with { Skills = [7] },
            UnassignedReason.Capacity => At(3) with { Delivery = [99] },
            UnassignedReason.Time => At(3) with { Windows = [new RoutingWindow(0, Minute)] },
            _ => At(4),
        };
        var van = Van() with { Capacity = [10], Shift = new RoutingWindow(0, 100 * Minute), MetresMax = 600 };

        var plan = Solve(Day(5, [van], At(1), impossible));

        Assert.Equal(reason, plan.Unassigned.Single().Reason);
    }

    [Fact]
    public void Each_job_says_what_it_adds()
    {
        var plan = Solve(Day(5, [Van()], At(2), At(4)));

        // Without 4 the van turns at 2 and saves four minutes; 2 lies on the way.
        Assert.Equal(4 * Minute, plan.Routes[0].Steps.Single(step => step.Kind == PlanStepKind.Job && step.Index == 1).MarginalCost);
        Assert.Equal(0, plan.Routes[0].Steps.Single(step => step.Kind == PlanStepKind.Job && step.Index == 0).MarginalCost);
    }

    [Fact]
    public void A_task_changes_its_van_only_when_that_saves_the_penalty()
    {
        // The near stop 1 stands with van 2, though van 1 passes it on its way to 4: the change saves 2 minutes.
        StandingPlan Standing(int penalty) => new() { ChangePenalty = penalty, Routes = [new StandingRoute(0, [new(PlanStepKind.Job, 1)]), new StandingRoute(1, [new(PlanStepKind.Job, 0)])] };
        var problem = Day(5, [Van(1), Van(2)], At(1), At(4));

        Assert.Equal(2, Solve(problem with { Standing = Standing(3 * Minute) }).Routes.Count);
        Assert.Single(Solve(problem with { Standing = Standing(Minute) }).Routes);
    }

    [Fact]
    public void A_new_job_goes_in_behind_what_is_under_way()
    {
        var standing = new StandingPlan { Routes = [new StandingRoute(0, [new(PlanStepKind.Job, 0), new(PlanStepKind.Job, 1)], FrozenCount: 1, FreeSecond: 40 * Minute)] };

        var plan = Solve(Day(6, [Van()], At(4), At(5), At(2)) with { Standing = standing });

        Assert.Equal(0, plan.Routes[0].Steps[1].Index);
        Assert.Equal(41 * Minute, plan.Routes[0].Steps[2].ArrivalSecond);
        Assert.Equal([0, 1, 2], plan.Routes[0].Steps.Where(step => step.Kind == PlanStepKind.Job).Select(step => step.Index));
    }

    [Fact]
    public void Where_every_van_is_full_and_under_way_there_is_no_room()
    {
        var standing = new StandingPlan { Routes = [new StandingRoute(0, [new(PlanStepKind.Job, 0)], FrozenCount: 1)] };
        var problem = Day(4, [Van() with { Capacity = [2] }], At(1) with { Delivery = [2] }, At(2) with { Delivery = [1] });

        var plan = Solve(problem with { Standing = standing });

        Assert.Equal([1], plan.Unassigned.Select(one => one.Index));
        Assert.Equal(UnassignedReason.NoRoom, plan.Unassigned[0].Reason);
    }

    [Fact]
    public void Bad_problems_are_refused_by_the_place_of_the_fault()
    {
        var good = Day(3, [Van()], At(1), At(2));

        Assert.Equal("/vehicles", Refusal(good with { Vehicles = [] }).Pointer);
        Assert.Equal("/vehicles/1/id", Refusal(good with { Vehicles = [Van(), Van()] }).Pointer);
        Assert.Equal("/jobs/1/id", Refusal(good with { Jobs = [At(1), At(1)] }).Pointer);
        Assert.Equal("/jobs/1/location_index", Refusal(good with { Jobs = [At(1), At(3)] }).Pointer);
        Assert.Equal("/jobs/0/service", Refusal(good with { Jobs = [At(1) with { ServiceSeconds = -1 }] }).Pointer);
        Assert.Equal("/jobs/0/time_windows/0", Refusal(good with { Jobs = [At(1) with { Windows = [new RoutingWindow(5, 4)] }] }).Pointer);
        Assert.Equal("/jobs/0/delivery/0", Refusal(good with { Jobs = [At(1) with { Delivery = [-5] }] }).Pointer);
        Assert.Equal("/matrices/0/durations/2", Refusal(good with { Travel = [new TravelMatrix(3, new int[6], new int[9])] }).Pointer);
        Assert.Equal("/matrices/0/durations/1/2", Refusal(good with { Travel = [new TravelMatrix(3, [0, 1, 1, 1, 0, -1, 1, 1, 0], new int[9])] }).Pointer);
        Assert.Equal("", Refusal(good with { Jobs = [At(1) with { Windows = [new RoutingWindow(0, 1L << 39)] }] }).Pointer);
        Assert.Equal("/standing/routes/0/stops/0", Refusal(good with { Standing = new StandingPlan { Routes = [new StandingRoute(0, [new(PlanStepKind.Job, 9)])] } }).Pointer);
    }
}
