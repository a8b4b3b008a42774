using System.Text;
using Caravan.Stock;
using Caravan.Stock.Connect;

namespace Caravan.Tests.Stock;

public sealed class FeedRowsTests
{
    private const string Text = "\uFEFFa;b;c\r\n1;\"two; \"\"2\"\"\nlines\";3\n\"open;4\n5;6;7\r\n\"x\"y;8;9\n\"p\nq\"r;1;2\nlast;1";

    // What the text says, whatever the pieces in which it comes.
    private static readonly (int Line, string[] Cells, bool IsFaulty)[] Said =
    [
        (1, ["a", "b", "c"], false),
        (2, ["1", "two; \"2\"\nlines", "3"], false),
        (4, ["open;4"], true),
        (5, ["5", "6", "7"], false),
        (6, ["x", "8", "9"], true),
        (7, ["p"], true),
        (8, ["q\"r", "1", "2"], false),
        (9, ["last", "1"], false),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Rows_are_the_same_in_whatever_pieces_a_file_comes(int piece)
    {
        var bytes = Encoding.UTF8.GetBytes(Text);
        var rows = new FeedRows(new UTF8Encoding(false)) { Delimiter = ';' };
        List<(int, string[], bool)> read = [];
        for (var at = 0; at < bytes.Length; at += piece)
        {
            rows.Append(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            Drain();
        }

        rows.Complete();
        Drain();

        Assert.Equal(Said.Select(row => $"{row.Line}: {string.Join('|', row.Cells)} {row.IsFaulty}"), read.Select(row => $"{row.Item1}: {string.Join('|', row.Item2)} {row.Item3}"));
        Assert.True(rows.IsUnended);

        void Drain()
        {
            while (rows.Read())
            {
                var cells = new string[rows.Count];
                for (var i = 0; i < cells.Length; i++)
                    cells[i] = rows[i].ToString();
                read.Add((rows.Line, cells, rows.Fault is not null));
            }
        }
    }

    [Fact]
    public void A_file_without_line_ends_is_refused_before_it_fills_the_memory()
    {
        var rows = new FeedRows(new UTF8Encoding(false));
        var piece = Encoding.UTF8.GetBytes(new string('x', 64 * 1024));

        var fault = Assert.Throws<FeedFileException>(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                rows.Append(piece);
                rows.Read();
            }
        });

        Assert.Contains("longer than", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.234,00", ',', "1234.00")]
    [InlineData("1,234.00", '.', "1234.00")]
    [InlineData("1 234", ',', "1234")]
    [InlineData("1'234'567", '.', "1234567")]
    [InlineData("12,5", ',', "12.5")]
    [InlineData("1.23", ',', "1.23")]
    [InlineData("1.2345", ',', "1.2345")]
    [InlineData("-7", ',', "-7")]
    [InlineData("5", null, "5")]
    public void Quantities_are_read_by_the_way_that_they_are_written_and_left_alone_where_they_are_not(string written, char? mark, string plain) =>
        Assert.Equal(plain, FeedFormat.Plain(written, mark));

    [Theory]
    [InlineData("02-Jan", true)]
    [InlineData("Jan 26", true)]
    [InlineData("02. Jan", true)]
    [InlineData("1/2/2026", true)]
    [InlineData("01.02.26", true)]
    [InlineData("A-100", false)]
    [InlineData("4006381333931", false)]
    [InlineData("12-345-6", false)]
    [InlineData("MAR-7X", false)]
    public void Codes_that_a_spreadsheet_took_for_days_are_known(string code, bool isSpoiled) => Assert.Equal(isSpoiled, FeedDates.IsSpoiled(code));

    [Theory]
    [InlineData("2026-11-03", "2026-11-03T00:00:00")]
    [InlineData("03.11.2026 08:30", "2026-11-03T08:30:00")]
    [InlineData("46329", "2026-11-03T00:00:00")]
    [InlineData("46329,25", "2026-11-03T06:00:00")]
    [InlineData("2026年11月3日", "2026-11-03T00:00:00")]
    [InlineData("soon", null)]
    [InlineData("7", null)]
    public void Days_are_read_as_exports_write_them_and_as_excel_keeps_them(string written, string? at) =>
        Assert.Equal(at, FeedDates.Read(written)?.ToString("s", System.Globalization.CultureInfo.InvariantCulture));
}
