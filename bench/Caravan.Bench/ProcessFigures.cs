using System.Globalization;

namespace Caravan.Bench;

/// <summary>Processor time and memory of other processes, as Linux tells them under <c>/proc</c>.</summary>
internal static class ProcessFigures
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux that .NET runs on.
    private const int Parent = 1;
    private const int UserTime = 11;
    private const int ChildrenSystemTime = 14;

    /// <summary>User and system time of one process since its start.</summary>
    public static double CpuSeconds(int process) => Fields(process) is { } fields ? Sum(fields, UserTime, UserTime + 1) : 0;

    /// <summary>User and system time of a process, its living children, and those that it has seen end.</summary>
    public static double CpuSecondsOfFamily(int process)
    {
        if (Fields(process) is not { } own)
            return 0;

        var seconds = Sum(own, UserTime, ChildrenSystemTime);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var other)
                && Fields(other) is { } fields
                && int.Parse(fields[Parent], CultureInfo.InvariantCulture) == process)
                seconds += Sum(fields, UserTime, UserTime + 1);
        }

        return seconds;
    }

    public static double ResidentMegabytes(int process)
    {
        const string Label = "VmRSS:";
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(Label, StringComparison.Ordinal));
        return double.Parse(line.AsSpan(Label.Length).Trim().TrimEnd("kB "), CultureInfo.InvariantCulture) / 1024;
    }

    // The fields of proc(5) stat from the third (state) on: what stands before is a name in brackets that may hold spaces.
    private static string[]? Fields(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception ended) when (ended is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return null;
        }
    }

    private static double Sum(string[] fields, int from, int to)
    {
        var ticks = 0L;
        for (var i = from; i <= to; i++)
            ticks += long.Parse(fields[i], CultureInfo.InvariantCulture);
        return ticks / TicksPerSecond;
    }
}
