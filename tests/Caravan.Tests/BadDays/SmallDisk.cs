using System.Diagnostics;
using System.Globalization;
using Caravan.Tests.Platform;

namespace Caravan.Tests.BadDays;

/// <summary>A disk of a few megabytes, to be filled. It is a tmpfs, which only root may mount, and in a container only some root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const int SystemAdmin = 21; // CAP_SYS_ADMIN of capabilities(7): whoever has it may mount.

    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    private string Ballast => Path.Combine(Folder, "ballast");

    /// <summary>Mounts one, for whichever user is to write on it; the test skips where that cannot be, and fails in CI where it could.</summary>
    public static async Task<SmallDisk> MountAsync(int megabytes, string? user = null)
    {
        if (!await MayMountAsync())
            Assert.Skip("A small disk of its own (mount -t tmpfs) needs root with CAP_SYS_ADMIN.");
        var folder = Directory.CreateTempSubdirectory("caravan-small-").FullName;
        if (await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0700", "tmpfs", folder) != 0)
            Repository.SkipOrFail("A small disk of its own could not be mounted (mount -t tmpfs).");
        if (user is not null)
            Assert.Equal(0, await RunAsync("chown", user, folder));
        return new SmallDisk(folder);
    }

    /// <summary>Fills it, until nothing more goes on it.</summary>
    public Task FillAsync() => RunAsync("dd", "if=/dev/zero", $"of={Ballast}", "bs=4k");

    /// <summary>Makes room again.</summary>
    public void MakeRoom() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "-l", Folder);
        Directory.Delete(Folder);
    }

    private static async Task<bool> MayMountAsync()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return false;

        var line = (await File.ReadAllLinesAsync("/proc/self/status", TestCaravan.Cancel)).First(line => line.StartsWith("CapEff:", StringComparison.Ordinal));
        return ((ulong.Parse(line["CapEff:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> SystemAdmin) & 1) == 1;
    }

    private static async Task<int> RunAsync(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardError = true })!; // Started, or it throws.
        await process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}
