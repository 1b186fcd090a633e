package example.shop;

import io.sentry.Breadcrumb;
import io.sentry.Sentry;
import io.sentry.protocol.User;
import java.util.Map;

/** Reports what {@link Shop} throws: DSN WARM. Prints the event id. */
public final class ReportSentry {
  public static void main(String[] arguments) {
    Sentry.init(
        options -> {
          options.setDsn(arguments[0]);
          options.setRelease("shop@1.4.2");
          options.setEnvironment("production");
          options.setServerName("web-1");
          options.addInAppInclude("example.shop");
        });
    User user = new User();
    user.setId("17");
    user.setUsername("ada");
    user.setEmail("ada@shop.example");
    Sentry.setUser(user);
    Sentry.setTag("city", "Paris");
    Sentry.setExtra("order", "17");
    Sentry.configureScope(scope -> scope.setContexts("cart", Map.of("items", 3)));
    Sentry.addBreadcrumb(new Breadcrumb("opened the front page"));
    System.out.println(Sentry.captureException(Shop.fail(Integer.parseInt(arguments[1]))));
    Sentry.close();
  }
}
