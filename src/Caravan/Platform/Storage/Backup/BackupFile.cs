using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Caravan.Platform.Storage.Backup;

/// <summary>A backup that cannot be believed; the message says from where on.</summary>
public sealed class BackupDamagedException(string message, Exception? reason = null) : Exception(message, reason);

internal sealed record BackupHead(DateTimeOffset At, string Caravan, string Place, IReadOnlyList<int> Migrations);

internal sealed record BackupTable(string Name, IReadOnlyList<string> Columns);

internal sealed record BackupTableEnd(long Rows, string Sha256);

internal sealed record BackupEnd(int Tables, long Rows);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BackupHead))]
[JsonSerializable(typeof(BackupTable))]
[JsonSerializable(typeof(BackupTableEnd))]
[JsonSerializable(typeof(BackupEnd))]
internal sealed partial class BackupJson : JsonSerializerContext;

/// <summary>
/// A backup file, version 1, the same for every store. 16 bytes <c>CARAVAN BACKUP 1</c>, then frames: a kind (1 byte), a length
/// (4 bytes little-endian), so many bytes, and the SHA-256 of the previous frame's SHA-256, kind, length and bytes, so that
/// a flipped bit, a missing or a moved frame is found where it is.
/// <code>
/// H  head, JSON: when, by which version, from where, the migrations of the store     once, first
/// T  a table begins, JSON: its name and columns                                      tables in the order of their names
/// R  rows, Brotli: for each a length (4 bytes little-endian) and a row of RowCodec   about a megabyte before compression
/// E  the table ends, JSON: how many rows, and their SHA-256 as RowSum makes it
/// Z  the end, JSON: how many tables and rows                                         once, last
/// </code>
/// </summary>
internal sealed class BackupFile : IDisposable
{
    private const int LongestFrame = 256 * 1024 * 1024;
    private const int HashLength = 32;
    private readonly Stream stream;
    private byte[] previous = new byte[HashLength];

    private BackupFile(Stream stream) => this.stream = stream;

    private static ReadOnlySpan<byte> Magic => "CARAVAN BACKUP 1"u8;

    public static BackupFile Create(string path)
    {
        var file = new BackupFile(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20));
        file.stream.Write(Magic);
        return file;
    }

    public static BackupFile Open(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        Span<byte> magic = stackalloc byte[Magic.Length];
        if (stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual(Magic))
            return new BackupFile(stream);

        stream.Dispose();
        throw new BackupDamagedException($"{path} is no backup of Caravan's: it does not begin with \"CARAVAN BACKUP 1\".");
    }

    public void Write<T>(char kind, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => Write(kind, JsonSerializer.SerializeToUtf8Bytes(value, type));

    public void WriteRows(ReadOnlySpan<byte> rows)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            brotli.Write(rows);
        Write('R', packed.GetBuffer().AsSpan(0, (int)packed.Length));
    }

    /// <summary>Makes the file last.</summary>
    public void Flush() => ((FileStream)stream).Flush(flushToDisk: true);

    /// <summary>The next frame.</summary>
    public (char Kind, byte[] Bytes) Read()
    {
        var at = stream.Position;
        Span<byte> head = stackalloc byte[5];
        Fill(head, at);
        var length = BinaryPrimitives.ReadInt32LittleEndian(head[1..]);
        if (length is < 0 or > LongestFrame || length > stream.Length - stream.Position)
            throw Damaged(at);

        var bytes = new byte[length];
        Fill(bytes, at);
        Span<byte> told = stackalloc byte[HashLength];
        Fill(told, at);
        var hash = Hash(head, bytes);
        if (!told.SequenceEqual(hash))
            throw Damaged(at);

        previous = hash;
        return ((char)head[0], bytes);
    }

    public bool IsAtEnd => stream.Position == stream.Length;

    public static byte[] Unpack(byte[] rows)
    {
        using var brotli = new BrotliStream(new MemoryStream(rows), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        brotli.CopyTo(plain);
        return plain.ToArray();
    }

    public void Dispose() => stream.Dispose();

    private void Write(char kind, ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
        previous = Hash(head, bytes);
        stream.Write(head);
        stream.Write(bytes);
        stream.Write(previous);
    }

    private byte[] Hash(ReadOnlySpan<byte> head, ReadOnlySpan<byte> bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        hash.AppendData(head);
        hash.AppendData(bytes);
        return hash.GetHashAndReset();
    }

    private void Fill(Span<byte> bytes, long at)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new BackupDamagedException($"The backup is cut off: it ends at byte {stream.Length:N0}, in the middle of what begins at byte {at:N0}.");
    }

    private static BackupDamagedException Damaged(long at) => new($"The backup is damaged: what begins at byte {at:N0} does not fit its hash.");
}
