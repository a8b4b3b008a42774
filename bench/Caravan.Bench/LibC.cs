using System.Runtime.InteropServices;

namespace Caravan.Bench;

/// <summary>One socket as poll(2) is asked about it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    public int Socket;
    public short Wanted;
    public short Seen;
}

/// <summary>Seconds and nanoseconds as clock_gettime(2) gives them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ClockTime
{
    public long Seconds;
    public long Nanoseconds;
}

/// <summary>The calls of the system that .NET has no cheap door to.</summary>
internal static class LibC
{
    public const short Readable = 1; // POLLIN
    private const int SigTerm = 15;
    private const int Interrupted = 4; // EINTR

    /// <summary>Waits until one of the sockets has something to read or has failed; says how many have.</summary>
    public static int Poll(PollEntry[] sockets, int milliseconds)
    {
        var count = PollNative(sockets, (nuint)sockets.Length, milliseconds);
        if (count >= 0)
            return count;
        return Marshal.GetLastPInvokeError() == Interrupted ? 0 : throw new BenchException($"poll failed with error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Asks a process to end.</summary>
    public static void Terminate(int process) => _ = KillNative(process, SigTerm);

    private const int ThreadCpuClock = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>How long this thread has had a processor, so that neighbours on the machine do not count.</summary>
    public static double ThreadCpuSeconds() =>
        ClockNative(ThreadCpuClock, out var time) == 0 ? time.Seconds + time.Nanoseconds * 1e-9 : throw new BenchException($"clock_gettime failed with error {Marshal.GetLastPInvokeError()}.");

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [DllImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static extern int ClockNative(int clock, out ClockTime time);

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int PollNative([In, Out] PollEntry[] sockets, nuint count, int milliseconds);

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int KillNative(int process, int signal);
}
