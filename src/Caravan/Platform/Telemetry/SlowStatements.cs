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
            Seen?.Invoke(sql, $"{Path.GetFileNameWithoutExtension(file)}.{member}", Stopwatch.GetElapsedTime(since));
    }

    public void Dispose() => Seen -= Log;

    private void Log(string sql, string from, TimeSpan took) => LogSlow((long)took.TotalMilliseconds, from, string.Join(' ', sql.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    [LoggerMessage(Level = LogLevel.Warning, Message = "A statement took {Milliseconds} ms, from {From}: {Sql}")]
    private partial void LogSlow(long milliseconds, string from, string sql);
}
