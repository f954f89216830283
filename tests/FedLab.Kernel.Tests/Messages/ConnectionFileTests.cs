using System.Globalization;
using System.Net;
using FedLab.Kernel.Messages;

namespace FedLab.Kernel.Tests.Messages;

public sealed class ConnectionFileTests : IDisposable
{
    private const string Good = """{"transport":"tcp","ip":"127.0.0.1","shell_port":1,"iopub_port":2,"stdin_port":3,"control_port":4,"hb_port":5,"key":"k","signature_scheme":"hmac-sha256","kernel_name":"x"}""";

    private readonly string _path = Path.GetTempFileName();

    public ConnectionFileTests() => CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void What_Jupyter_writes_is_read()
    {
        var file = Load(Good);
        Assert.Equal((IPAddress.Loopback, 1, 2, 3, 4, 5), (file.Address, file.ShellPort, file.IopubPort, file.StdinPort, file.ControlPort, file.HeartbeatPort));
        Assert.Equal("k"u8.ToArray(), file.Key);
    }

    [Theory]
    [InlineData("\"key\":\"k\"", "\"key\":\"\"", "no key")]
    [InlineData("\"tcp\"", "\"ipc\"", "ipc")]
    [InlineData("hmac-sha256", "hmac-md5", "hmac-md5")]
    [InlineData("\"hb_port\":5", "\"hb_port\":70000", "hb_port")]
    [InlineData("\"stdin_port\":3", "\"stdin_port\":\"3\"", "stdin_port")]
    [InlineData("\"control_port\":4,", "", "control_port")]
    [InlineData("127.0.0.1", "somewhere", "\"ip\"")]
    [InlineData("{", "[", "no Jupyter connection file")]
    [InlineData("\"ip\"", "\"transport\"", "no Jupyter connection file")]
    public void What_is_wrong_is_said_in_a_sentence(string part, string instead, string said)
    {
        var text = Good.Replace(part, instead, StringComparison.Ordinal);
        Assert.NotEqual(Good, text);
        var message = Assert.Throws<KernelException>(() => Load(text)).Message;
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.Contains(_path, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_sentence_in_both_languages()
    {
        Assert.Contains("start the kernel from Jupyter", Assert.Throws<KernelException>(() => ConnectionFile.Load("/there/is/none.json")).Message, StringComparison.Ordinal);
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
        Assert.Contains("请从 Jupyter 启动内核", Assert.Throws<KernelException>(() => ConnectionFile.Load("/there/is/none.json")).Message, StringComparison.Ordinal);
    }

    private ConnectionFile Load(string text)
    {
        File.WriteAllText(_path, text);
        return ConnectionFile.Load(_path);
    }
}
