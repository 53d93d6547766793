import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * Say what was done, with a button that undoes it.
 *
 * @param {Object} env
 * @param {Object} notice
 * @param {String} notice.message
 * @param {Number} [notice.undo_id] a `calendar.event.undo`
 * @param {Function} [reload] shows what the screen behind it has become, while it is there
 */
export function showNotice(env, {message, undo_id, type = "success"}, reload) {
    const {action, notification, orm} = env.services;
    const shownId = action.currentController?.jsId;
    const close = notification.add(message, {
        type,
        // Time enough to read it and to think.
        autocloseDelay: 10000,
        buttons: undo_id
            ? [
                  {
                      name: _t("Undo"),
                      onClick: async () => {
                          close();
                          const undone = await orm.call(
                              "calendar.event.undo",
                              "action_undo",
                              [[undo_id]]
                          );
                          // Who has gone on to another screen sees it there.
                          const isShown = action.currentController?.jsId === shownId;
                          await (reload && isShown
                              ? reload()
                              : action.doAction({
                                    type: "ir.actions.client",
                                    tag: "soft_reload",
                                }));
                          notification.add(undone, {type: "info"});
                      },
                  },
              ]
            : [],
    });
}

/** As the result of a method: see `calendar.event._get_notice_action`. */
function noticeAction(env, {params}) {
    showNotice(env, params);
    return params.next;
}

registry.category("actions").add("noshow_notice", noticeAction);
