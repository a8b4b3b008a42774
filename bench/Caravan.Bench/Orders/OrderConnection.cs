using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Caravan.Bench.Orders;

/// <summary>
/// One kept-alive connection with one order in flight. Of the answer it reads the status and where it ends: by its
/// Content-Length, or at the empty last chunk, which no JSON can hold, since it has no bare line ends.
/// </summary>
internal sealed class OrderConnection(Uri address, OrderRequest request) : IDisposable
{
    private const int StatusAt = 9; // After "HTTP/1.1 ".
    private byte[] buffer = new byte[16 * 1024];
    private int filled;
    private int bodyAt;
    private int bodyLength;
    private Socket socket = Connect(address);

    public OrderRequest Request { get; } = request;

    public int Handle => (int)socket.Handle;

    public long SentAt { get; private set; }

    /// <summary>The status of the answer that has come; <see cref="Answers.Lost"/> when the connection was lost.</summary>
    public int Status { get; private set; }

    /// <summary>Sends the request as it stands, which was due at this time. A connection that fails is seen by the next <see cref="Receive"/>.</summary>
    public void Send(long dueAt)
    {
        filled = bodyAt = 0;
        SentAt = dueAt;
        try
        {
            socket.Send(Request.Bytes);
        }
        catch (SocketException)
        {
            Reconnect();
            socket.Send(Request.Bytes); // The server had closed an idle connection: an order it cannot have seen.
        }
    }

    /// <summary>Reads what has come; true when the answer is whole, or lost.</summary>
    public bool Receive()
    {
        if (filled == buffer.Length)
            Array.Resize(ref buffer, buffer.Length * 2);

        int count;
        try
        {
            count = socket.Receive(buffer.AsSpan(filled));
        }
        catch (SocketException)
        {
            count = 0;
        }

        if (count == 0)
        {
            Status = Answers.Lost;
            filled = bodyAt = 0;
            Reconnect();
            return true;
        }

        filled += count;
        return IsWhole();
    }

    /// <summary>The answer's JSON, without the lengths of chunks around it.</summary>
    public string Body()
    {
        var text = Encoding.UTF8.GetString(buffer, bodyAt, filled - bodyAt);
        var from = text.IndexOf('{', StringComparison.Ordinal);
        return from < 0 ? text : text[from..(text.LastIndexOf('}') + 1)];
    }

    public void Dispose() => socket.Dispose();

    private bool IsWhole()
    {
        var bytes = buffer.AsSpan(0, filled);
        if (bodyAt == 0)
        {
            var end = bytes.IndexOf("\r\n\r\n"u8);
            if (end < 0)
                return false;

            bodyAt = end + 4;
            Status = Utf8Parser.TryParse(bytes[StatusAt..], out int status, out _) ? status : throw new BenchException($"This is no HTTP answer: {Encoding.UTF8.GetString(bytes)}");
            bodyLength = ContentLength(bytes[..end]);
        }

        return bodyLength >= 0 ? filled - bodyAt >= bodyLength : bytes[(bodyAt - 2)..].EndsWith("\r\n0\r\n\r\n"u8);
    }

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        var name = "\r\nContent-Length: "u8;
        var at = head.IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _) ? length : -1;
    }

    private void Reconnect()
    {
        socket.Dispose();
        socket = Connect(address);
    }

    private static Socket Connect(Uri address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, address.Port);
        return socket;
    }
}
