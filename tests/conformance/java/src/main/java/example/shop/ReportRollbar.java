package example.shop;

import com.rollbar.api.payload.Payload;
import com.rollbar.api.payload.data.Person;
import com.rollbar.api.payload.data.Server;
import com.rollbar.notifier.Rollbar;
import com.rollbar.notifier.config.ConfigBuilder;
import com.rollbar.notifier.sender.SyncSender;
import com.rollbar.notifier.sender.listener.SenderListener;
import com.rollbar.notifier.sender.result.Response;
import java.util.List;
import java.util.Map;

/** Reports what {@link Shop} throws: TOKEN URL WARM. Prints the uuid that the server answers. */
public final class ReportRollbar {
  static final class Printer implements SenderListener {
    @Override
    public void onResponse(Payload payload, Response response) {
      if (response.getStatus() == 200) System.out.println(response.getResult().getContent());
    }

    @Override
    public void onError(Payload payload, Exception failure) {
      failure.printStackTrace();
    }
  }

  public static void main(String[] arguments) throws Exception {
    SyncSender sender =
        new SyncSender.Builder(arguments[1] + "/api/1/item/").accessToken(arguments[0]).build();
    sender.addListener(new Printer());
    Rollbar rollbar =
        Rollbar.init(
            ConfigBuilder.withAccessToken(arguments[0])
                .sender(sender)
                .environment("production")
                .codeVersion("1.4.2")
                .framework("spring")
                .appPackages(List.of("example.shop"))
                .server(() -> new Server.Builder().host("web-1").branch("main").root("/srv/shop").build())
                .person(
                    () -> new Person.Builder().id("17").username("ada").email("ada@shop.example").build())
                .custom(() -> Map.of("tags", Map.of("city", "Paris")))
                .build());
    rollbar.error(Shop.fail(Integer.parseInt(arguments[2])), Map.of("order", 17), "front page");
    rollbar.close(true);
  }
}
