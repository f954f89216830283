using System.IO.Compression;
using CsvHelper;

namespace FedLab.Data.Reading;

/// <summary>
/// Opens a CSV file for reading, plain or gzipped:
/// <code>file ──► bytes read so far ──► decompression, if it is gzip, with an end mark ──► UTF-8 check ──► CSV reader</code>
/// </summary>
internal static class CsvInput
{
    private const int BufferBytes = 1 << 17;

    private static CsvReaderOptions Options => new()
    {
        Separator = ',',
        HasHeader = false,
        MalformedData = CsvMalformedDataHandling.Throw,
        MaxRecordSize = DataLimits.MaximumRowBytes,
        TrackLineNumbers = true,
        IncludeValuesInExceptions = false,
        BufferSize = BufferBytes,
    };

    /// <summary>Opens the file; the reader owns it.</summary>
    /// <exception cref="DataFormatException">There is no such file, or it cannot be opened.</exception>
    public static CsvReader Open(string path, IProgress<long>? bytesRead)
    {
        if (Directory.Exists(path)) throw new DataFormatException(Messages.FileIsFolder(path));
        Stream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            var counting = new CountingStream(stream, bytesRead);
            stream = counting;
            var head = counting.Peek();
            var compressed = head is [0x1F, 0x8B];
            if (head.Length == 0) throw new DataFormatException(Messages.FileEmpty(path));
            if (!compressed && path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) throw new DataFormatException(Messages.NotGzip(path));
            if (compressed) stream = new GZipStream(new EndMark(stream), CompressionMode.Decompress);
            stream = new Utf8CheckingStream(stream, path, compressed);
            return CsvReader.Create(stream, Options, leaveOpen: false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataFormatException(Messages.FileMissing(path), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            stream?.Dispose();
            throw new DataFormatException(Messages.FileUnreadable(path, e.Message), e);
        }
        catch (DataFormatException)
        {
            stream?.Dispose();
            throw;
        }
    }
}
