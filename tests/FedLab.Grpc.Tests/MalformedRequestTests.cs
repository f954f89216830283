using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Tests.Support;
using Grpc.Tests.Trial;

namespace Grpc.Tests;

/// <summary>What a client that does not keep to the protocol gets for an answer.</summary>
public sealed class MalformedRequestTests
{
    private static readonly byte[] Hello = RawClient.Frame(new Note { Text = "hello" }.ToByteArray());

    [Fact]
    public async Task A_proper_request_by_hand_is_answered()
    {
        var answer = await PostAsync("Single", Hello);
        Assert.Equal(StatusCode.OK, answer.Status);
        Assert.Equal(Hello, answer.Body);
        Assert.Equal("identity", answer.Headers["grpc-accept-encoding"]);
        Assert.False(answer.IsTrailersOnly);
    }

    [Fact]
    public async Task The_content_type_may_name_protobuf_and_have_parameters()
    {
        Assert.Equal(StatusCode.OK, (await PostAsync("Single", Hello, contentType: "application/grpc+proto")).Status);
        Assert.Equal(StatusCode.OK, (await PostAsync("Single", Hello, contentType: "application/grpc; charset=utf-8")).Status);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc+json")]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpcx")]
    public async Task Another_content_type_is_an_unsupported_media_type(string contentType)
    {
        var answer = await PostAsync("Single", Hello, contentType: contentType);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.Http);
        Assert.False(answer.IsTrailersOnly);
    }

    [Fact]
    public async Task A_request_without_te_is_refused()
    {
        var answer = await PostAsync("Single", Hello, te: false);
        Assert.Equal(HttpStatusCode.OK, answer.Http);
        Assert.True(answer.IsTrailersOnly);
        Assert.Equal(StatusCode.Internal, answer.Status);
        Assert.Contains("te: trailers", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Single", 1)]
    [InlineData("Single", 4)]
    [InlineData("Single", 7)]
    [InlineData("Collect", 4)]
    [InlineData("Collect", 7)]
    [InlineData("Expand", 7)]
    [InlineData("Talk", 7)]
    public async Task A_frame_that_ends_early_is_internal(string method, int length)
    {
        var answer = await PostAsync(method, Hello[..length]);
        Assert.Equal(StatusCode.Internal, answer.Status);
        Assert.Contains("inside a message", answer.Message, StringComparison.Ordinal);
        Assert.Empty(answer.Body);
    }

    [Theory]
    [InlineData("Single")]
    [InlineData("Talk")]
    public async Task A_compressed_message_is_unimplemented_and_the_answer_says_what_is_supported(string method)
    {
        var answer = await PostAsync(method, RawClient.Frame([1, 2, 3], flag: 1), headers: ("grpc-encoding", "gzip"));
        Assert.Equal(StatusCode.Unimplemented, answer.Status);
        Assert.Contains("gzip", answer.Message, StringComparison.Ordinal);
        Assert.Equal("identity", answer.Headers["grpc-accept-encoding"]);
    }

    [Fact]
    public async Task An_encoding_that_no_message_uses_does_no_harm()
    {
        Assert.Equal(StatusCode.OK, (await PostAsync("Single", Hello, headers: ("grpc-encoding", "gzip"))).Status);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(1, "identity")]
    [InlineData(2, "gzip")]
    [InlineData(255, null)]
    public async Task A_compressed_flag_without_an_encoding_or_with_another_value_is_internal(byte flag, string? encoding)
    {
        (string, string)[] headers = encoding is null ? [] : [("grpc-encoding", encoding)];
        Assert.Equal(StatusCode.Internal, (await PostAsync("Single", RawClient.Frame([1, 2, 3], flag), headers: headers)).Status);
    }

    [Theory]
    [InlineData("Single", uint.MaxValue)]
    [InlineData("Single", int.MaxValue)]
    [InlineData("Talk", uint.MaxValue)]
    [InlineData("Talk", (4u << 20) + 1)]
    public async Task A_huge_length_is_refused_before_anything_is_read(string method, uint length)
    {
        var answer = await PostAsync(method, RawClient.Frame([1, 2, 3], length: length));
        Assert.Equal(StatusCode.ResourceExhausted, answer.Status);
    }

    [Fact]
    public async Task A_message_that_is_not_protobuf_is_internal()
    {
        Assert.Equal(StatusCode.Internal, (await PostAsync("Single", RawClient.Frame([0xFF, 0xFF, 0xFF]))).Status);
    }

    [Theory]
    [InlineData("Single")]
    [InlineData("Expand")]
    public async Task No_request_or_two_for_a_method_that_has_one_are_unimplemented(string method)
    {
        Assert.Equal(StatusCode.Unimplemented, (await PostAsync(method, [])).Status);
        Assert.Equal(StatusCode.Unimplemented, (await PostAsync(method, [.. Hello, .. Hello])).Status);
    }

    [Fact]
    public async Task An_unknown_method_of_a_known_service_is_answered_in_grpc()
    {
        var answer = await PostAsync("Nothing", Hello);
        Assert.True(answer.IsTrailersOnly);
        Assert.Equal(StatusCode.Unimplemented, answer.Status);
    }

    private static async Task<RawAnswer> PostAsync(string method, byte[] body, string contentType = "application/grpc", bool te = true, params (string Name, string Value)[] headers)
    {
        await using var server = await TestServer.StartAsync();
        using var raw = new RawClient(server.Address);
        return await raw.PostAsync(method, body, contentType, te, headers: headers);
    }
}
