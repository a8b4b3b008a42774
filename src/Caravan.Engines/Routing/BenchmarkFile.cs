using System.Globalization;

namespace Caravan.Engines.Routing;

/// <summary>A format of public test problems.</summary>
public enum BenchmarkFormat
{
    /// <summary>Vehicle routing with windows: Solomon, and Gehring and Homberger.</summary>
    Solomon,

    /// <summary>Pickup and delivery with windows: Li and Lim.</summary>
    LiLim,
}

/// <summary>
/// A public test problem: a depot (customer 0) and customers in the plane. Solomon's files have a title, <c>NUMBER CAPACITY</c>, and a line a customer:
/// number, x, y, demand, ready, due, service. Li and Lim's begin with vehicles, capacity and speed; their lines add the numbers of the customer's pickup and
/// delivery (0 where it is itself that). Distance is Euclid's and is also the time it takes.
/// </summary>
/// <param name="VehicleCount">Vehicles there are.</param>
/// <param name="Capacity">What each carries.</param>
/// <param name="Customers">By number, the depot first.</param>
public sealed record BenchmarkFile(int VehicleCount, int Capacity, IReadOnlyList<BenchmarkCustomer> Customers)
{
    /// <summary>How many units of a problem made by <see cref="ToProblem"/> are one of the file's: 10 by the DIMACS rule, 1,000 and 10,000 otherwise.</summary>
    /// <param name="format">Which format the file is.</param>
    /// <param name="objective">What is best.</param>
    public static int ScaleOf(BenchmarkFormat format, RoutingObjective objective) =>
        format == BenchmarkFormat.LiLim ? 1_000 : objective == RoutingObjective.Cost ? 10 : 10_000;

    /// <summary>Reads a file.</summary>
    /// <param name="text">All of it.</param>
    /// <param name="format">Which format it is.</param>
    /// <param name="file">What was read, or null.</param>
    /// <returns>What is wrong and in which line, or null.</returns>
    public static string? Read(string text, BenchmarkFormat format, out BenchmarkFile? file)
    {
        ArgumentNullException.ThrowIfNull(text);
        file = null;
        var (vehicles, capacity) = (-1, 0);
        List<BenchmarkCustomer> customers = [];
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var words = lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var numbers = new double[words.Length];
            var isNumbers = words.Length > 0;
            for (var w = 0; w < words.Length && isNumbers; w++)
                isNumbers = double.TryParse(words[w], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[w]);
            if (!isNumbers)
                continue;
            if (numbers.Any(number => !double.IsFinite(number) || Math.Abs(number) > 1e6))
                return $"Line {i + 1}: a number is not within a million of 0.";
            if (vehicles < 0)
            {
                if (numbers.Length < 2)
                    return $"Line {i + 1}: the number of vehicles and their capacity are expected.";
                (vehicles, capacity) = ((int)numbers[0], (int)numbers[1]);
                continue;
            }

            if (numbers.Length < (format == BenchmarkFormat.LiLim ? 9 : 7))
                return $"Line {i + 1}: a customer has {(format == BenchmarkFormat.LiLim ? 9 : 7)} numbers.";
            if ((int)numbers[0] != customers.Count)
                return $"Line {i + 1}: customer {customers.Count} is expected.";
            customers.Add(new BenchmarkCustomer(
                numbers[1], numbers[2], (int)numbers[3], numbers[4], numbers[5], numbers[6], format == BenchmarkFormat.LiLim ? (int)numbers[7] : 0, format == BenchmarkFormat.LiLim ? (int)numbers[8] : 0));
        }

        if (customers.Count == 0)
            return "There is no depot: the file has no line of a customer.";
        if (format == BenchmarkFormat.LiLim && PairFault(customers) is { } fault)
            return fault;
        file = new BenchmarkFile(vehicles, capacity, customers);
        return null;
    }

    /// <summary>
    /// The problem in whole numbers. By the DIMACS rule (Solomon's format, cost) an arc and its time are cut off to one decimal; otherwise distances are
    /// rounded to a thousandth or ten-thousandth, and times rounded up, so that a plan that holds here holds with real numbers.
    /// </summary>
    /// <param name="format">Which format the file is.</param>
    /// <param name="objective">What is best.</param>
    public RoutingProblem ToProblem(BenchmarkFormat format, RoutingObjective objective)
    {
        var scale = ScaleOf(format, objective);
        var isDimacs = format == BenchmarkFormat.Solomon && objective == RoutingObjective.Cost;
        var count = Customers.Count;
        var metres = new int[count * count];
        var seconds = isDimacs ? metres : new int[count * count];
        for (var a = 0; a < count; a++)
        {
            for (var b = 0; b < count; b++)
            {
                var length = Distance(a, b) * scale;
                metres[a * count + b] = (int)(isDimacs ? length + 1e-9 : length + 0.5);
                if (!isDimacs)
                    seconds[a * count + b] = (int)Math.Ceiling(length - 1e-6);
            }
        }

        return new RoutingProblem
        {
            Travel = [new TravelMatrix(count, seconds, metres)],
            Objective = objective,
            Vehicles = [.. Enumerable.Range(0, VehicleCount).Select(v => new RoutingVehicle
            {
                Id = v + 1, StartPlace = 0, EndPlace = 0, Capacity = [Capacity], CostPerHour = 0, CostPerKilometre = 1000,
                Shift = new RoutingWindow((long)Math.Round(Customers[0].Ready * scale), (long)Math.Round(Customers[0].Due * scale)),
            })],
            Jobs = format == BenchmarkFormat.LiLim ? [] : [.. Enumerable.Range(1, count - 1).Select(c => Stop(c, scale) with { Delivery = [Customers[c].Demand] })],
            Shipments = format != BenchmarkFormat.LiLim ? [] : [.. Enumerable.Range(1, count - 1).Where(c => Customers[c].DeliveryOf > 0).Select(c => new RoutingShipment
            {
                Pickup = Stop(c, scale), Delivery = Stop(Customers[c].DeliveryOf, scale), Amount = [Customers[c].Demand],
            })],
        };
    }

    /// <summary>The routes of a plan as numbers of customers.</summary>
    /// <param name="problem">The problem that was solved.</param>
    /// <param name="plan">Its plan.</param>
    public static IReadOnlyList<IReadOnlyList<int>> RoutesOf(RoutingProblem problem, RoutingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(plan);
        return [.. plan.Routes.Select(route => (IReadOnlyList<int>)[.. route.Steps.Where(step => step.Kind is PlanStepKind.Job or PlanStepKind.Pickup or PlanStepKind.Delivery).Select(step => step.Place)])];
    }

    /// <summary>The length of routes with real numbers.</summary>
    /// <param name="routes">Numbers of customers.</param>
    public double Length(IEnumerable<IReadOnlyList<int>> routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var sum = 0.0;
        foreach (var route in routes)
        {
            var last = 0;
            foreach (var customer in route)
                (sum, last) = (sum + Distance(last, customer), customer);
            sum += Distance(last, 0);
        }

        return sum;
    }

    private double Distance(int a, int b)
    {
        var (x, y) = (Customers[a].X - Customers[b].X, Customers[a].Y - Customers[b].Y);
        return Math.Sqrt(x * x + y * y);
    }

    private RoutingJob Stop(int customer, int scale)
    {
        var one = Customers[customer];
        return new RoutingJob
        {
            Id = customer,
            Place = customer,
            ServiceSeconds = (int)Math.Round(one.Service * scale),
            Windows = [new RoutingWindow((long)Math.Round(one.Ready * scale), (long)Math.Round(one.Due * scale))],
        };
    }

    private static string? PairFault(List<BenchmarkCustomer> customers)
    {
        for (var c = 1; c < customers.Count; c++)
        {
            var (from, to) = (customers[c].PickupOf, customers[c].DeliveryOf);
            if (from < 0 || to < 0 || from >= customers.Count || to >= customers.Count || (from == 0) == (to == 0))
                return $"Customer {c} is a pickup or a delivery and names the other.";
            if (to > 0 ? customers[to].PickupOf != c : customers[from].DeliveryOf != c)
                return $"Customer {c} and the one it names do not name each other.";
            if (to > 0 && (customers[c].Demand < 0 || customers[to].Demand != -customers[c].Demand))
                return $"Customer {c} gives {customers[c].Demand}, and its delivery takes {-customers[to].Demand}.";
        }

        return null;
    }
}

/// <summary>A line of a test problem.</summary>
/// <param name="X">East.</param>
/// <param name="Y">North.</param>
/// <param name="Demand">Goods; below 0 at a delivery of Li and Lim.</param>
/// <param name="Ready">Service starts no sooner.</param>
/// <param name="Due">Service starts no later; at the depot, the end of the day.</param>
/// <param name="Service">How long it takes.</param>
/// <param name="PickupOf">At a delivery, its pickup.</param>
/// <param name="DeliveryOf">At a pickup, its delivery.</param>
public readonly record struct BenchmarkCustomer(double X, double Y, int Demand, double Ready, double Due, double Service, int PickupOf, int DeliveryOf);
