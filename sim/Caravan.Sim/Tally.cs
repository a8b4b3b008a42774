using System.Text.RegularExpressions;

namespace Caravan.Sim;

/// <summary>What has happened, counted.</summary>
internal sealed partial class Tally
{
    private readonly long[] faults = new long[Enum.GetValues<Fault>().Length];

    public long Seeds { get; set; }

    public long Steps { get; set; }

    public long Commits { get; set; }

    public long Asked { get; set; }

    public long Placed { get; set; }

    public long Replayed { get; set; }

    public long Refused { get; set; }

    public long Unanswered { get; set; }

    public long Paid { get; set; }

    public long Unpaid { get; set; }

    public long OtherActs { get; set; }

    public void Add(Fault fault) => faults[(int)fault]++;

    public void Add(Tally other)
    {
        for (var i = 0; i < faults.Length; i++)
            faults[i] += other.faults[i];
        Seeds += other.Seeds;
        Steps += other.Steps;
        Commits += other.Commits;
        Asked += other.Asked;
        Placed += other.Placed;
        Replayed += other.Replayed;
        Refused += other.Refused;
        Unanswered += other.Unanswered;
        Paid += other.Paid;
        Unpaid += other.Unpaid;
        OtherActs += other.OtherActs;
    }

    public IEnumerable<(string What, long Count)> Rows() =>
    [
        ("seeds", Seeds),
        ("steps", Steps),
        ("commits, the books checked after each", Commits),
        ("requests for orders", Asked),
        ("orders placed", Placed),
        ("answers repeated", Replayed),
        ("orders refused", Refused),
        ("requests that got no answer, asked again", Unanswered),
        ("orders that waited for their money and were paid", Paid),
        ("orders that were not paid in time, or called off before", Unpaid),
        ("other acts (goods, counts, prices, cancellations, payments, picks, carts)", OtherActs),
        .. Enum.GetValues<Fault>().Select(fault => (Words(fault), faults[(int)fault])),
    ];

    /// <summary>A fault in words.</summary>
    public static string Words(Fault fault) => Capital().Replace(fault.ToString(), word => $"{(word.Index == 0 ? "" : " ")}{word.Value.ToLowerInvariant()}");

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
