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

/// <summary>The two calls of the system that .NET has no cheap door to.</summary>
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

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int PollNative([In, Out] PollEntry[] sockets, nuint count, int milliseconds);

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int KillNative(int process, int signal);
}
