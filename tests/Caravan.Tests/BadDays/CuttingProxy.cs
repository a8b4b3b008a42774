using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Caravan.Tests.BadDays;

/// <summary>When the proxy cuts a connection: at the next commit of an order that passes, before it or just behind it.</summary>
internal enum Cut
{
    Never,
    BeforeCommit,
    BehindCommit,
}

/// <summary>A cable between Caravan and PostgreSQL that can be cut in the middle of a commit, and stay cut for a while.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly int target;
    private readonly Task accepting;
    private volatile Cut next;

    public CuttingProxy(int target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How many connections were cut.</summary>
    public int Cuts { get; private set; }

    /// <summary>Whether nobody gets through.</summary>
    public bool IsDown { get; set; }

    /// <summary>Whether the cable stays cut after the next cut.</summary>
    public bool StaysDown { get; set; }

    public void CutNext(Cut cut) => next = cut;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting;
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync(stopping.Token);
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            if (IsDown)
                return;

            try
            {
                await server.ConnectAsync(IPAddress.Loopback, target, stopping.Token);
                await Task.WhenAny(PumpAsync(client, server, isFromClient: true), PumpAsync(server, client, isFromClient: false));
            }
            catch (Exception fault) when (fault is IOException or SocketException or OperationCanceledException)
            {
                // Either end has gone: so does the other.
            }
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, bool isFromClient)
    {
        var buffer = new byte[64 * 1024];
        var isOrder = false; // Background work commits as well.
        try
        {
            int read;
            while ((read = await from.GetStream().ReadAsync(buffer, stopping.Token)) > 0 && !IsDown)
            {
                var cut = next;
                var text = isFromClient && cut != Cut.Never ? Encoding.Latin1.GetString(buffer, 0, read) : "";
                isOrder |= text.Contains("INSERT INTO orders ", StringComparison.Ordinal);
                if (isOrder && text.Contains("COMMIT", StringComparison.OrdinalIgnoreCase))
                {
                    next = Cut.Never;
                    IsDown = StaysDown;
                    Cuts++;
                    if (cut == Cut.BehindCommit)
                    {
                        await to.GetStream().WriteAsync(buffer.AsMemory(0, read), stopping.Token);
                        await Task.Delay(200, stopping.Token); // PostgreSQL does it; nobody hears of it.
                    }

                    from.Client.Close();
                    return;
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), stopping.Token);
            }
        }
        catch (Exception fault) when (fault is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The cable is cut.
        }
    }
}
