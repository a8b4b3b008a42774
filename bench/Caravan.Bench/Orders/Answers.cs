namespace Caravan.Bench.Orders;

/// <summary>What came back, counted: placed, and all else by status and problem type with the first body as an example.</summary>
internal sealed class Answers
{
    /// <summary>Shown as the status of an order whose connection was lost before its answer.</summary>
    public const int Lost = 0;

    private const string ProblemType = "urn:caravan:problem:";
    private readonly Dictionary<(int Status, string Type), (long Count, string Example)> others = [];

    /// <summary>Orders acknowledged with 201.</summary>
    public long Placed { get; private set; }

    public long Errors5xx => others.Where(one => one.Key.Status >= 500).Sum(one => one.Value.Count);

    /// <summary>Orders of which it is not known whether they were stored.</summary>
    public long Unknown => others.Where(one => one.Key.Status is Lost or >= 500).Sum(one => one.Value.Count);

    public long All => Placed + others.Values.Sum(one => one.Count);

    public void AddPlaced() => Placed++;

    public void Add(int status, string body)
    {
        var from = body.IndexOf(ProblemType, StringComparison.Ordinal);
        var type = from < 0 ? "" : body[(from + ProblemType.Length)..].Split('"')[0];
        var (count, example) = others.GetValueOrDefault((status, type), (0, body));
        others[(status, type)] = (count + 1, example);
    }

    public void Add(Answers more)
    {
        Placed += more.Placed;
        foreach (var (key, (count, example)) in more.others)
        {
            var (before, first) = others.GetValueOrDefault(key, (0, example));
            others[key] = (before + count, first);
        }
    }

    /// <summary>How many were refused with this status and problem type.</summary>
    public long Count(int status, string type) => others.GetValueOrDefault((status, type)).Count;

    /// <summary>Tells what was not placed.</summary>
    public void Tell(string whose)
    {
        foreach (var ((status, type), (count, example)) in others.OrderBy(one => one.Key))
            Console.Error.WriteLine($"{whose}: {count:N0} × {(status == Lost ? "connection lost" : status)} {type}, the first: {(example.Length > 600 ? example[..600] + "…" : example)}");
    }
}
