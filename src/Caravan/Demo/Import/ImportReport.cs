namespace Caravan.Demo.Import;

/// <summary>How one way of serving the orders went.</summary>
internal sealed class ImportReport(string name)
{
    private readonly List<int> metres = [];
    private readonly List<double> hours = [];

    public string Name { get; } = name;

    public int Orders { get; set; }

    public int Placed { get; set; }

    public int Split { get; set; }

    public int Lines { get; set; }

    public long Units { get; set; }

    public Dictionary<string, int> RefusedBy { get; } = [];

    /// <summary>Units by who owned them and the kind of node they lay at.</summary>
    public Dictionary<string, long> UnitsFrom { get; } = [];

    public Dictionary<string, int> Services { get; } = [];

    public int UnitsCancelled { get; set; }

    public Dictionary<string, int> CancellationRows { get; } = [];

    public long OpeningStock { get; set; }

    public long ClosingStock { get; set; }

    public long UnitsDelivered { get; set; }

    public int BookDifferences { get; set; }

    public double MeanKilometres => metres.Count == 0 ? 0 : metres.Average() / 1000;

    public double NinetiethKilometres => Percentile(metres.ConvertAll(one => one / 1000.0));

    public double MeanHours => hours.Count == 0 ? 0 : hours.Average();

    public double NinetiethHours => Percentile(hours);

    public double SplitPercent => Placed == 0 ? 0 : 100.0 * Split / Placed;

    /// <summary>Units delivered against the mean of opening and closing stock.</summary>
    public double Turnover => OpeningStock + ClosingStock == 0 ? 0 : UnitsDelivered / ((OpeningStock + ClosingStock) / 2.0);

    public void AddParcel(int distanceMetres) => metres.Add(distanceMetres);

    public void AddPromise(TimeSpan until) => hours.Add(until.TotalHours);

    public static void Count(Dictionary<string, int> counts, string what, int by = 1) => counts[what] = counts.GetValueOrDefault(what) + by;

    private static double Percentile(List<double> values)
    {
        if (values.Count == 0)
            return 0;

        values.Sort();
        return values[(int)Math.Ceiling(values.Count * 0.9) - 1];
    }
}
