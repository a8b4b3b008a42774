using System.Diagnostics;

namespace Caravan.Platform.Telemetry;

/// <summary>
/// Names in the log every statement that took too long: its SQL, which holds no values, and the method it came from. One
/// limit a process, like a meter; whoever runs a statement brackets it by <see cref="Start"/> and <see cref="End"/>.
/// </summary>
internal sealed partial class SlowStatements : IDisposable
{
    private static long limit = long.MaxValue;

    private readonly ILogger<SlowStatements> log;

    public SlowStatements(Settings settings, ILogger<SlowStatements> log)
    {
        this.log = log;
        if (settings.SlowQueryMs <= 0)
            return;

        limit = settings.SlowQueryMs * Stopwatch.Frequency / 1000;
        Seen += Log;
    }

    private static event Action<string, string, TimeSpan>? Seen;

    /// <summary>Hears of every statement and where it came from; for the test that holds them against Citus' rules.</summary>
    internal static event Action<string, string, string>? Sent;

    public static long Start() => Stopwatch.GetTimestamp();

    public static void End(long since, string sql, string file, string member)
    {
        var took = Stopwatch.GetTimestamp() - since;
        Sent?.Invoke(sql, file, member);
        if (took >= limit)
            Seen?.Invoke(sql, FromOf(file, member), Stopwatch.GetElapsedTime(since));
    }

    /// <summary>As above, of statements that went in one journey: each is heard of as its own writer's, and they were slow together.</summary>
    public static void EndTogether(long since, IReadOnlyList<(string Sql, string File, string Member)> together)
    {
        var took = Stopwatch.GetTimestamp() - since;
        foreach (var (sql, file, member) in together)
            Sent?.Invoke(sql, file, member);
        if (took >= limit)
            Seen?.Invoke(string.Join("; ", together.Select(one => one.Sql)), string.Join(", ", together.Select(one => FromOf(one.File, one.Member)).Distinct()), Stopwatch.GetElapsedTime(since));
    }

    public void Dispose() => Seen -= Log;

    private static string FromOf(string file, string member) => $"{Path.GetFileNameWithoutExtension(file)}.{member}";

    private void Log(string sql, string from, TimeSpan took) => LogSlow((long)took.TotalMilliseconds, from, string.Join(' ', sql.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    [LoggerMessage(Level = LogLevel.Warning, Message = "A statement took {Milliseconds} ms, from {From}: {Sql}")]
    private partial void LogSlow(long milliseconds, string from, string sql);
}
